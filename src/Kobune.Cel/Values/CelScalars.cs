using System.Globalization;
using System.Text;
using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>null.</summary>
public sealed class CelNull : CelValue
{
    public static readonly CelNull Instance = new();

    private CelNull()
    {
    }

    public override CelType Type => CelType.Null;

    public override bool EqualTo(CelValue other) => other is CelNull;

    public override string ToString() => "null";
}

/// <summary>true or false.</summary>
public sealed class CelBool : CelValue
{
    public static readonly CelBool True = new(true);
    public static readonly CelBool False = new(false);

    private CelBool(bool value) => Value = value;

    public bool Value { get; }

    public override CelType Type => CelType.Bool;

    public static CelBool Of(bool value) => value ? True : False;

    public override bool EqualTo(CelValue other) => ReferenceEquals(this, other);

    public override string ToString() => Value ? "true" : "false";

    internal override int? CompareWith(CelValue other) => other is CelBool b ? Value.CompareTo(b.Value) : null;

    internal override int Hash() => Value ? 1 : 2;
}

/// <summary>A signed integer of 64 bits.</summary>
public sealed class CelInt : CelValue
{
    private static readonly CelInt[] Small = [.. Enumerable.Range(-1, 258).Select(i => new CelInt(i))];

    private CelInt(long value) => Value = value;

    public long Value { get; }

    public override CelType Type => CelType.Int;

    public static CelInt Of(long value) => value is >= -1 and <= 256 ? Small[value + 1] : new(value);

    public override bool EqualTo(CelValue other) => CelNumbers.Compare(this, other) == 0;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    internal override int? CompareWith(CelValue other) => CelNumbers.Compare(this, other);

    internal override int Hash() => ((double)Value).GetHashCode();
}

/// <summary>An unsigned integer of 64 bits.</summary>
public sealed class CelUint(ulong value) : CelValue
{
    public ulong Value { get; } = value;

    public override CelType Type => CelType.Uint;

    public override bool EqualTo(CelValue other) => CelNumbers.Compare(this, other) == 0;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    internal override int? CompareWith(CelValue other) => CelNumbers.Compare(this, other);

    internal override int Hash() => ((double)Value).GetHashCode();
}

/// <summary>An IEEE 754 number of 64 bits.</summary>
public sealed class CelDouble(double value) : CelValue
{
    public double Value { get; } = value;

    public override CelType Type => CelType.Double;

    public override bool EqualTo(CelValue other) => CelNumbers.Compare(this, other) == 0;

    public override string ToString() => GoText.Double(Value);

    internal override int? CompareWith(CelValue other) => CelNumbers.Compare(this, other);

    internal override int Hash() => Value.GetHashCode();
}

/// <summary>Text; positions and sizes are counted in code points.</summary>
public sealed class CelString(string value) : CelValue
{
    private long _size = -1;

    public string Value { get; } = value;

    public override CelType Type => CelType.String;

    internal override long? Size
    {
        get
        {
            if (_size < 0)
            {
                var pairs = 0;
                foreach (var c in Value.AsSpan())
                {
                    pairs += char.IsLowSurrogate(c) ? 1 : 0;
                }

                _size = Value.Length - pairs;
            }

            return _size;
        }
    }

    public override bool EqualTo(CelValue other) => other is CelString s && s.Value == Value;

    public override string ToString() => Value;

    /// <summary>The order of UTF-8, which is that of code points.</summary>
    internal override int? CompareWith(CelValue other) => other is CelString s ? CompareCodePoints(Value, s.Value) : null;

    internal override int Hash() => Value.GetHashCode(StringComparison.Ordinal);

    internal static int CompareCodePoints(string a, string b)
    {
        var length = Math.Min(a.Length, b.Length);
        for (var i = 0; i < length; i++)
        {
            if (a[i] != b[i])
            {
                // A surrogate stands for a code point above U+FFFF, so it comes after every other unit.
                var (x, y) = (char.IsSurrogate(a[i]), char.IsSurrogate(b[i]));
                return x == y ? a[i] - b[i] : x ? 1 : -1;
            }
        }

        return a.Length - b.Length;
    }
}

/// <summary>Octets.</summary>
public sealed class CelBytes(ReadOnlyMemory<byte> value) : CelValue
{
    public ReadOnlyMemory<byte> Value { get; } = value;

    public override CelType Type => CelType.Bytes;

    internal override long? Size => Value.Length;

    public override bool EqualTo(CelValue other) => other is CelBytes b && b.Value.Span.SequenceEqual(Value.Span);

    public override string ToString() => Encoding.UTF8.GetString(Value.Span);

    internal override int? CompareWith(CelValue other) => other is CelBytes b ? Value.Span.SequenceCompareTo(b.Value.Span) : null;

    internal override int Hash() => Value.Length;
}

/// <summary>A type as a value.</summary>
public sealed class CelTypeValue(CelType type) : CelValue
{
    public CelType Value { get; } = type;

    public override CelType Type => CelType.Type;

    public override bool EqualTo(CelValue other) => other is CelTypeValue t && t.Value.Name == Value.Name;

    public override string ToString() => Value.Name;

    internal override int Hash() => Value.Name.GetHashCode(StringComparison.Ordinal);
}
