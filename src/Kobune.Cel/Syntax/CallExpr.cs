namespace Kobune.Cel.Syntax;

internal sealed class CallExpr(int position, string function, CelExpr? target, IReadOnlyList<CelExpr> arguments) : CelExpr(position)
{
    public string Function { get; } = function;

    public CelExpr? Target { get; } = target;

    public IReadOnlyList<CelExpr> Arguments { get; } = arguments;

    /// <summary>The function that was found, whose name may include what was written as the target.</summary>
    public Checking.CelFunction? Resolved { get; set; }

    /// <summary>Whether the target is an argument (and not part of the function's name).</summary>
    public bool IsMember { get; set; }

    public IReadOnlyList<CelOverload> Overloads { get; set; } = [];
}
