using Kobune.Cel.Values;

namespace Kobune.Cel.Syntax;

/// <summary>What macros become: a fold over a range.</summary>
internal sealed class ComprehensionExpr(int position) : CelExpr(position)
{
    public required CelExpr Range { get; init; }

    public required string Variable { get; init; }

    /// <summary>The second variable (value), when the first is index or key.</summary>
    public string? Variable2 { get; init; }

    public required string Accumulator { get; init; }

    public required CelExpr Initial { get; init; }

    public required CelExpr Condition { get; init; }

    public required CelExpr Step { get; init; }

    public required CelExpr Result { get; init; }

    /// <summary>cel.bind and optMap: no loop, the accumulator is a name for a value that is made when it is used.</summary>
    public bool IsBinding => Range is ListExpr { Elements.Count: 0 } && Condition is ConstantExpr { Value: CelBool { Value: false } } && Accumulator != CelMacros.Accumulator;
}
