using System.Globalization;

namespace Kobune.Api;

/// <summary>A number or a string (a port, a percentage); JSON shows it as what it is. Zero value: the number 0.</summary>
public readonly struct IntOrString : IEquatable<IntOrString>
{
    private readonly string? _text;

    /// <summary>A number.</summary>
    public IntOrString(int value)
    {
        IntValue = value;
    }

    /// <summary>A string.</summary>
    public IntOrString(string value)
    {
        _text = value;
    }

    /// <summary>Whether it is a string.</summary>
    public bool IsString => _text is not null;

    /// <summary>The number; 0 for a string.</summary>
    public int IntValue { get; }

    /// <summary>The string; empty for a number.</summary>
    public string StringValue => _text ?? "";

    public static implicit operator IntOrString(int value) => new(value);

    public static implicit operator IntOrString(string value) => new(value);

    public static bool operator ==(IntOrString a, IntOrString b) => a.Equals(b);

    public static bool operator !=(IntOrString a, IntOrString b) => !a.Equals(b);

    /// <summary>The absolute number that this means of a total: a percentage is taken of it, rounded up or down (upstream's GetScaledValueFromIntOrPercent). False when it is neither.</summary>
    public bool TryScale(int total, bool roundUp, out int value)
    {
        value = IntValue;
        if (_text is null)
        {
            return true;
        }

        if (!_text.EndsWith('%') || !int.TryParse(_text.AsSpan(0, _text.Length - 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var percent))
        {
            return false;
        }

        var exact = (decimal)percent * total / 100;
        value = (int)(roundUp ? Math.Ceiling(exact) : Math.Floor(exact));
        return true;
    }

    public bool Equals(IntOrString other) => _text == other._text && IntValue == other.IntValue;

    public override bool Equals(object? obj) => obj is IntOrString other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_text, IntValue);

    /// <summary>The string, or the number in digits.</summary>
    public override string ToString() => _text ?? IntValue.ToString(CultureInfo.InvariantCulture);
}
