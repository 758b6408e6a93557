using System.Diagnostics.CodeAnalysis;

namespace Kobune.Api;

/// <summary>
/// A fixed-point number with a unit: "100m", "1.5Gi", "12e6". Exact down to 10^-9 (what is smaller is rounded away from zero) up to 7.9*10^18, to 28 digits up to 7.9*10^28.
/// The zero value is "0". Equality and order are those of the number; the form stays as it was given. Source: resource.Quantity of k8s.io/apimachinery.
/// </summary>
public readonly struct Quantity : IEquatable<Quantity>, IComparable<Quantity>
{
    private readonly string? _text;

    /// <summary>A whole number.</summary>
    public Quantity(long value, QuantityFormat format = QuantityFormat.DecimalSI)
        : this((decimal)value, format, null)
    {
    }

    // A decimal, not an Int128: code over Int128 is never compiled ahead of time.
    internal Quantity(decimal number, QuantityFormat format, string? text)
    {
        Number = number;
        Format = format;
        _text = text;
    }

    /// <summary>The zero quantity.</summary>
    public static Quantity Zero => default;

    /// <summary>How it is written.</summary>
    public QuantityFormat Format { get; }

    /// <summary>Whether it is zero.</summary>
    public bool IsZero => Number == 0;

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => Math.Sign(Number);

    /// <summary>The number, rounded away from zero; the nearest long when it does not fit.</summary>
    public long Value => Clamp(AwayFromZero(Number));

    /// <summary>A thousand times the number, rounded away from zero; the nearest long when it does not fit.</summary>
    public long MilliValue => MilliOf(Number);

    /// <summary>The number itself.</summary>
    internal decimal Number { get; }

    public static bool operator ==(Quantity a, Quantity b) => a.Number == b.Number;

    public static bool operator !=(Quantity a, Quantity b) => a.Number != b.Number;

    public static bool operator <(Quantity a, Quantity b) => a.Number < b.Number;

    public static bool operator >(Quantity a, Quantity b) => a.Number > b.Number;

    public static bool operator <=(Quantity a, Quantity b) => a.Number <= b.Number;

    public static bool operator >=(Quantity a, Quantity b) => a.Number >= b.Number;

    /// <summary>The sum, at most the largest number there is; written in the form of the first that is not zero.</summary>
    public static Quantity operator +(Quantity a, Quantity b) => new(Sum(a.Number, b.Number), a.IsZero ? b.Format : a.Format, null);

    /// <summary>The difference; written in the form of the first that is not zero.</summary>
    public static Quantity operator -(Quantity a, Quantity b) => new(Sum(a.Number, -b.Number), a.IsZero ? b.Format : a.Format, null);

    public static Quantity operator -(Quantity a) => new(-a.Number, a.Format, null);

    /// <summary>The product, at most the largest number there is.</summary>
    public static Quantity operator *(Quantity a, long factor) =>
        new(factor != 0 && Math.Abs(a.Number) > decimal.MaxValue / Math.Abs((decimal)factor) ? Largest(Math.Sign(a.Number) * Math.Sign(factor)) : a.Number * factor, a.Format, null);

    /// <summary>Thousandths.</summary>
    public static Quantity FromMilli(long milli, QuantityFormat format = QuantityFormat.DecimalSI) => new(milli / 1000m, format, null);

    /// <summary>Parses "1.5Gi".</summary>
    /// <exception cref="FormatException">It is not a quantity; the message is upstream's.</exception>
    public static Quantity Parse(string text) => TryParse(text, out var value, out var error) ? value : throw new FormatException(error);

    /// <summary>Parses "1.5Gi".</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Quantity value) => TryParse(text ?? "", out value, out _);

    /// <summary>Parses "1.5Gi"; the error has upstream's text.</summary>
    public static bool TryParse(string text, out Quantity value, [NotNullWhen(false)] out string? error)
    {
        error = QuantityParser.Parse(text, out value);
        return error is null;
    }

    /// <summary>The larger one.</summary>
    public static Quantity Max(Quantity a, Quantity b) => a.Number >= b.Number ? a : b;

    /// <summary>The smaller one.</summary>
    public static Quantity Min(Quantity a, Quantity b) => a.Number <= b.Number ? a : b;

    /// <summary>Rounded away from zero to whole thousandths, as upstream's defaulting of resource lists does.</summary>
    public Quantity RoundUpToMilli() =>
        decimal.Round(Number, 3) == Number ? this : new(AwayFromZero(Number * 1000m) / 1000m, Format, null);

    public int CompareTo(Quantity other) => Number.CompareTo(other.Number);

    public bool Equals(Quantity other) => Number == other.Number;

    public override bool Equals(object? obj) => obj is Quantity other && Number == other.Number;

    public override int GetHashCode() => Number.GetHashCode();

    /// <summary>The canonical form: no fraction, and the largest unit that allows it. A form that upstream keeps as given is kept.</summary>
    public override string ToString() => _text ?? QuantityText.Format(Number, Format);

    internal static decimal AwayFromZero(decimal number) => number < 0 ? decimal.Floor(number) : decimal.Ceiling(number);

    private static decimal Sum(decimal a, decimal b) => Math.Abs(a) > decimal.MaxValue / 2 || Math.Abs(b) > decimal.MaxValue / 2 ? Saturated(a, b) : a + b;

    private static decimal Saturated(decimal a, decimal b) => Math.Sign(a) != Math.Sign(b) || Math.Abs(a) <= decimal.MaxValue - Math.Abs(b) ? a + b : Largest(Math.Sign(a));

    private static decimal Largest(int sign) => sign < 0 ? decimal.MinValue : decimal.MaxValue;

    private static long MilliOf(decimal number) => Math.Abs(number) > long.MaxValue ? Clamp(number) : Clamp(AwayFromZero(number * 1000m));

    private static long Clamp(decimal value) => value >= long.MaxValue ? long.MaxValue : value <= long.MinValue ? long.MinValue : (long)value;
}
