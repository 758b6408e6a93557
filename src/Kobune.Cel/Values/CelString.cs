using Kobune.Cel.Types;

namespace Kobune.Cel.Values;

/// <summary>Text; positions and sizes are counted in code points.</summary>
public sealed class CelString(string value) : CelValue
{
    private long _size = -1;

    /// <summary>The text.</summary>
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
