using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>true or false.</summary>
public sealed class CelBool : CelValue
{
    /// <summary>true.</summary>
    public static readonly CelBool True = new(true);
    /// <summary>false.</summary>
    public static readonly CelBool False = new(false);

    private CelBool(bool value) => Value = value;

    /// <summary>The value.</summary>
    public bool Value { get; }

    public override CelType Type => CelType.Bool;

    /// <summary>The value of a bool.</summary>
    public static CelBool Of(bool value) => value ? True : False;

    public override bool EqualTo(CelValue other) => ReferenceEquals(this, other);

    public override string ToString() => Value ? "true" : "false";

    internal override int? CompareWith(CelValue other) => other is CelBool b ? Value.CompareTo(b.Value) : null;

    internal override int Hash() => Value ? 1 : 2;
}
