using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>A value that may be absent.</summary>
public sealed class CelOptional : CelValue
{
    /// <summary>Absent.</summary>
    public static readonly CelOptional None = new(null);
    private static readonly CelType OptionalType = CelType.Optional(CelType.Dyn);

    private CelOptional(CelValue? value) => Value = value;

    /// <summary>The value, or null when it is absent.</summary>
    public CelValue? Value { get; }

    public override CelType Type => OptionalType;

    internal override string TypeName => "optional_type";

    /// <summary>A value that is there.</summary>
    public static CelOptional Of(CelValue value) => new(value);

    public override bool EqualTo(CelValue other) =>
        other is CelOptional o && (Value is null || o.Value is null ? ReferenceEquals(Value, o.Value) : Value.EqualTo(o.Value));

    public override string ToString() => Value is null ? "optional.none()" : $"optional({Value})";
}
