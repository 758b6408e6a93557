namespace Kobune.Cel.Syntax;

internal sealed class SelectExpr(int position, CelExpr operand, string field, bool isTest) : CelExpr(position)
{
    public CelExpr Operand { get; } = operand;

    public string Field { get; } = field;

    /// <summary>has(operand.field).</summary>
    public bool IsTest { get; } = isTest;

    /// <summary>What the whole path names when it is a variable or type with dots in its name.</summary>
    public IdentExpr? Qualified { get; set; }
}
