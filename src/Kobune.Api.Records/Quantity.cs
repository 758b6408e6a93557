using System.Diagnostics.CodeAnalysis;

namespace Kobune.Api;

/// <summary>
/// A fixed-point number with a unit: "100m", "1.5Gi", "12e6". Exact down to 10^-9 (what is smaller is rounded away from zero) and up to 1.7*10^29.
/// The zero value is "0". Equality and order are those of the number; the form stays as it was given. Source: resource.Quantity of k8s.io/apimachinery.
/// </summary>
public readonly struct Quantity : IEquatable<Quantity>, IComparable<Quantity>
{
    private const long NanosPerUnit = 1_000_000_000;
    private const long NanosPerMilli = 1_000_000;

    private readonly string? _text;

    /// <summary>A whole number.</summary>
    public Quantity(long value, QuantityFormat format = QuantityFormat.DecimalSI)
        : this((Int128)value * NanosPerUnit, format, null)
    {
    }

    internal Quantity(Int128 nanos, QuantityFormat format, string? text)
    {
        Nanos = nanos;
        Format = format;
        _text = text;
    }

    /// <summary>The zero quantity.</summary>
    public static Quantity Zero => default;

    /// <summary>How it is written.</summary>
    public QuantityFormat Format { get; }

    /// <summary>Whether it is zero.</summary>
    public bool IsZero => Nanos == 0;

    /// <summary>-1, 0 or 1.</summary>
    public int Sign => Int128.Sign(Nanos);

    /// <summary>The number, rounded away from zero; the nearest long when it does not fit.</summary>
    public long Value => Clamp(DivideAwayFromZero(Nanos, NanosPerUnit));

    /// <summary>A thousand times the number, rounded away from zero; the nearest long when it does not fit.</summary>
    public long MilliValue => Clamp(DivideAwayFromZero(Nanos, NanosPerMilli));

    /// <summary>A billion times the number.</summary>
    internal Int128 Nanos { get; }

    public static bool operator ==(Quantity a, Quantity b) => a.Nanos == b.Nanos;

    public static bool operator !=(Quantity a, Quantity b) => a.Nanos != b.Nanos;

    public static bool operator <(Quantity a, Quantity b) => a.Nanos < b.Nanos;

    public static bool operator >(Quantity a, Quantity b) => a.Nanos > b.Nanos;

    public static bool operator <=(Quantity a, Quantity b) => a.Nanos <= b.Nanos;

    public static bool operator >=(Quantity a, Quantity b) => a.Nanos >= b.Nanos;

    /// <summary>The sum; written in the form of the first that is not zero.</summary>
    public static Quantity operator +(Quantity a, Quantity b) => new(a.Nanos + b.Nanos, a.IsZero ? b.Format : a.Format, null);

    /// <summary>The difference; written in the form of the first that is not zero.</summary>
    public static Quantity operator -(Quantity a, Quantity b) => new(a.Nanos - b.Nanos, a.IsZero ? b.Format : a.Format, null);

    public static Quantity operator -(Quantity a) => new(-a.Nanos, a.Format, null);

    public static Quantity operator *(Quantity a, long factor) => new(a.Nanos * factor, a.Format, null);

    /// <summary>Thousandths.</summary>
    public static Quantity FromMilli(long milli, QuantityFormat format = QuantityFormat.DecimalSI) => new((Int128)milli * NanosPerMilli, format, null);

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
    public static Quantity Max(Quantity a, Quantity b) => a.Nanos >= b.Nanos ? a : b;

    /// <summary>The smaller one.</summary>
    public static Quantity Min(Quantity a, Quantity b) => a.Nanos <= b.Nanos ? a : b;

    /// <summary>Rounded away from zero to whole thousandths, as upstream's defaulting of resource lists does.</summary>
    public Quantity RoundUpToMilli() =>
        Nanos % NanosPerMilli == 0 ? this : new(DivideAwayFromZero(Nanos, NanosPerMilli) * NanosPerMilli, Format, null);

    public int CompareTo(Quantity other) => Nanos.CompareTo(other.Nanos);

    public bool Equals(Quantity other) => Nanos == other.Nanos;

    public override bool Equals(object? obj) => obj is Quantity other && Nanos == other.Nanos;

    public override int GetHashCode() => Nanos.GetHashCode();

    /// <summary>The canonical form: no fraction, and the largest unit that allows it. A form that upstream keeps as given is kept.</summary>
    public override string ToString() => _text ?? QuantityText.Format(Nanos, Format);

    internal static Int128 DivideAwayFromZero(Int128 value, Int128 divisor)
    {
        var (quotient, rest) = Int128.DivRem(value, divisor);
        return rest == 0 ? quotient : quotient + Int128.Sign(value);
    }

    private static long Clamp(Int128 value) => value > long.MaxValue ? long.MaxValue : value < long.MinValue ? long.MinValue : (long)value;
}
