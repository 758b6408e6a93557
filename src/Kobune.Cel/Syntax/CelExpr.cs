using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Syntax;

/// <summary>A node of an expression's tree. The checker writes the type into it; after that the tree is not changed.</summary>
internal abstract class CelExpr(int position)
{
    /// <summary>Where to point when it is wrong.</summary>
    public int Position { get; } = position;

    public CelType Type { get; set; } = CelType.Dyn;
}

internal sealed class ConstantExpr(int position, CelValue value) : CelExpr(position)
{
    public CelValue Value { get; } = value;
}

internal sealed class IdentExpr(int position, string name) : CelExpr(position)
{
    public string Name { get; } = name;

    /// <summary>Set when the name is a type or constant of the environment rather than a variable.</summary>
    public CelValue? Constant { get; set; }
}

internal sealed class SelectExpr(int position, CelExpr operand, string field, bool isTest) : CelExpr(position)
{
    public CelExpr Operand { get; } = operand;

    public string Field { get; } = field;

    /// <summary>has(operand.field).</summary>
    public bool IsTest { get; } = isTest;

    /// <summary>What the whole path names when it is a variable or type with dots in its name.</summary>
    public IdentExpr? Qualified { get; set; }
}

internal sealed class CallExpr(int position, string function, CelExpr? target, IReadOnlyList<CelExpr> arguments) : CelExpr(position)
{
    public string Function { get; } = function;

    public CelExpr? Target { get; }  = target;

    public IReadOnlyList<CelExpr> Arguments { get; } = arguments;

    /// <summary>The function that was found, whose name may include what was written as the target.</summary>
    public Checking.CelFunction? Resolved { get; set; }

    /// <summary>Whether the target is an argument (and not part of the function's name).</summary>
    public bool IsMember { get; set; }

    public IReadOnlyList<CelOverload> Overloads { get; set; } = [];
}

internal sealed class ListExpr(int position, IReadOnlyList<CelExpr> elements, IReadOnlySet<int> optional) : CelExpr(position)
{
    public IReadOnlyList<CelExpr> Elements { get; } = elements;

    /// <summary>Indexes of elements that are left out when absent.</summary>
    public IReadOnlySet<int> Optional { get; } = optional;
}

internal readonly record struct MapEntryExpr(CelExpr Key, CelExpr Value, bool IsOptional);

internal sealed class MapExpr(int position, IReadOnlyList<MapEntryExpr> entries) : CelExpr(position)
{
    public IReadOnlyList<MapEntryExpr> Entries { get; } = entries;
}

internal readonly record struct StructFieldExpr(int Position, string Name, CelExpr Value, bool IsOptional);

internal sealed class StructExpr(int position, string typeName, IReadOnlyList<StructFieldExpr> fields) : CelExpr(position)
{
    public string TypeName { get; } = typeName;

    public IReadOnlyList<StructFieldExpr> Fields { get; } = fields;
}

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
