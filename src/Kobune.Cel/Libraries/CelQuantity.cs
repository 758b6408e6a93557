using System.Buffers;
using System.Globalization;
using System.Numerics;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Libraries;

/// <summary>
/// A Kubernetes quantity: a decimal number of units. As upstream's it has a small form (64 bits times a power of ten), which alone can be an
/// integer, and a large one for what does not fit.
/// </summary>
internal sealed class CelQuantity : CelLibraryObject
{
    public const string FormatProblem = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    public const string SuffixProblem = "unable to parse quantity's suffix";
    public static readonly CelType QuantityType = CelType.Struct("kubernetes.Quantity");
    private const int Nano = -9;
    private const int SmallDigits = 18;
    private static readonly SearchValues<char> SuffixLetters = SearchValues.Create("eEinumkKMGTP+-0123456789");
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] BinarySuffixes = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private readonly BigInteger _value;
    private readonly int _scale;
    private readonly bool _isSmall;

    private CelQuantity(BigInteger value, int scale, bool isSmall)
        : base(QuantityType)
    {
        _value = value;
        _scale = scale;
        _isSmall = isSmall;
    }

    public int Sign => _value.Sign;

    public static CelQuantity Of(long value) => new(value, 0, isSmall: true);

    /// <summary>Reads a quantity, or says what is wrong with it.</summary>
    public static CelQuantity? Parse(string text, out string problem)
    {
        problem = FormatProblem;
        var at = text is ['+' or '-', ..] ? 1 : 0;
        var isNegative = at == 1 && text[0] == '-';
        var whole = Digits(text, ref at);
        var fraction = "";
        var hasPoint = at < text.Length && text[at] == '.';
        if (hasPoint)
        {
            at++;
            fraction = Digits(text, ref at);
        }

        if (whole.Length + fraction.Length == 0 || text.AsSpan(at).IndexOfAnyExcept(SuffixLetters) >= 0)
        {
            return null;
        }

        if (Suffix(text[at..]) is not { } suffix)
        {
            problem = SuffixProblem;
            return null;
        }

        whole = whole.TrimStart('0');
        whole = whole.Length == 0 ? "0" : whole;
        return Make(whole, fraction, suffix.Power, suffix.IsBinary, isNegative);
    }

    public CelQuantity Add(CelQuantity other, bool negate = false)
    {
        var added = negate ? -other._value : other._value;
        if (_isSmall && other._isSmall && (_value.IsZero || added.IsZero))
        {
            return _value.IsZero ? new(added, other._scale, isSmall: true) : this;
        }

        var scale = Math.Min(_scale, other._scale);
        var sum = At(scale) + (added * BigInteger.Pow(10, other._scale - scale));
        return new(sum, scale, _isSmall && other._isSmall && Fits(At(scale)) && Fits(other.At(scale)) && Fits(sum));
    }

    /// <summary>The number, when it is written as an integer of 64 bits.</summary>
    public long? AsInteger()
    {
        if (!_isSmall || _scale < 0)
        {
            return null;
        }

        var value = At(0);
        return Fits(value) ? (long)value : null;
    }

    public double AsDouble() => _scale == 0 ? (double)_value : _isSmall ? (double)_value * Math.Pow(10, _scale) : double.Parse($"{_value}E{_scale}", CultureInfo.InvariantCulture);

    public override bool EqualTo(CelValue other) => CompareWith(other) == 0;

    public override string ToString() => _scale == 0 ? _value.ToString(CultureInfo.InvariantCulture) : $"{_value}e{_scale}";

    internal override int? CompareWith(CelValue other)
    {
        if (other is not CelQuantity quantity)
        {
            return null;
        }

        var scale = Math.Min(_scale, quantity._scale);
        return At(scale).CompareTo(quantity.At(scale));
    }

    private static CelQuantity Make(string whole, string fraction, int power, bool isBinary, bool isNegative)
    {
        var value = BigInteger.Parse(whole + fraction, CultureInfo.InvariantCulture);
        var scale = (isBinary ? 0 : power) - fraction.Length;
        var digits = whole.Length + fraction.Length;
        var isSmall = isBinary ? fraction.Length == 0 && 15 - digits - (int)(power * 3f / 10) - 1 >= 0 : SmallDigits - digits >= 0;
        value = isBinary ? value << power : value;
        isSmall = isSmall && scale >= Nano && Fits(value);
        if (!isSmall)
        {
            (value, scale) = Bounded(value, scale);
        }

        return new(isNegative ? -value : value, scale, isSmall);
    }

    /// <summary>Rounded up to billionths, and no more than 64 bits hold.</summary>
    private static (BigInteger Value, int Scale) Bounded(BigInteger value, int scale)
    {
        if (scale > SmallDigits + 1 && !value.IsZero)
        {
            return (long.MaxValue, 0);
        }

        if (scale < Nano)
        {
            // Far more digits than there are leave the least that is not zero.
            var cut = Nano - scale > 4000 ? BigInteger.Zero : BigInteger.DivRem(value, BigInteger.Pow(10, Nano - scale), out var rest) + (rest.IsZero ? 0 : 1);
            value = cut.IsZero && !value.IsZero ? BigInteger.One : cut;
            scale = Nano;
        }

        var limit = new BigInteger(long.MaxValue) * BigInteger.Pow(10, Math.Max(0, -scale));
        return value * BigInteger.Pow(10, Math.Max(0, scale)) > limit ? (long.MaxValue, 0) : (value, scale);
    }

    private static bool Fits(BigInteger value) => value >= long.MinValue && value <= long.MaxValue;

    private static string Digits(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return text[start..at];
    }

    private static (int Power, bool IsBinary)? Suffix(string suffix)
    {
        if (Array.IndexOf(DecimalSuffixes, suffix) is var si and >= 0)
        {
            return ((si * 3) - 9, false);
        }

        if (Array.IndexOf(BinarySuffixes, suffix) is var binary and >= 0)
        {
            return ((binary + 1) * 10, true);
        }

        return suffix.Length > 1 && suffix[0] is 'e' or 'E'
            && int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            ? (exponent, false)
            : null;
    }

    /// <summary>The value in units of a power of ten that is not above its own.</summary>
    private BigInteger At(int scale) => _value * BigInteger.Pow(10, _scale - scale);
}
