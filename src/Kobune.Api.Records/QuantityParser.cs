using System.Globalization;

namespace Kobune.Api;

/// <summary>Parses quantities as upstream's ParseQuantity does, error texts included.</summary>
internal static class QuantityParser
{
    private const string WrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    private const string WrongNumber = "unable to parse numeric part of quantity";
    private const string WrongSuffix = "unable to parse quantity's suffix";

    /// <summary>Digits that upstream's fast path (an int64) takes.</summary>
    private const int FastDigits = 18;

    /// <summary>Digits that a decimal always holds.</summary>
    private const int MostDigits = 28;

    /// <summary>What larger numbers become: 10^28.</summary>
    private const decimal Largest = 10_000_000_000_000_000_000_000_000_000m;

    private const decimal Nano = 0.000000001m;

    /// <summary>Null and the value, or what is wrong.</summary>
    public static string? Parse(string text, out Quantity value)
    {
        value = default;
        if (!Split(text, out var negative, out var number, out var fraction, out var suffix))
        {
            return WrongFormat;
        }

        if (!Suffix(suffix, out var format, out var exponent))
        {
            return WrongSuffix;
        }

        if (number.Length + fraction.Length == 0)
        {
            return IsZero(format, exponent) ? null : WrongNumber;
        }

        var digits = string.Concat(number, fraction);
        var scale = (format == QuantityFormat.BinarySI ? 0 : exponent) - fraction.Length;
        var amount = Number(digits, scale);
        if (format == QuantityFormat.BinarySI)
        {
            amount = amount > long.MaxValue >> exponent ? long.MaxValue : Math.Min(RoundUp(amount * (1L << exponent)), long.MaxValue);
        }

        value = new Quantity(negative ? -amount : amount, format, null);
        if (amount != 0 && KeepsText(digits, number.Length, fraction.Length, scale, exponent, format) && value.ToString() != text)
        {
            value = new Quantity(value.Number, format, text);
        }

        return null;
    }

    /// <summary>Cuts sign, digits, fraction and suffix apart; false when a character is out of place.</summary>
    private static bool Split(string text, out bool negative, out ReadOnlySpan<char> number, out ReadOnlySpan<char> fraction, out ReadOnlySpan<char> suffix)
    {
        negative = false;
        number = fraction = suffix = default;
        if (text.Length == 0)
        {
            return false;
        }

        var at = text[0] is '+' or '-' ? 1 : 0;
        negative = text[0] == '-';
        number = Digits(text, ref at);
        if (at < text.Length && text[at] == '.')
        {
            at++;
            fraction = Digits(text, ref at);
        }

        var start = at;
        while (at < text.Length && "eEinumkKMGTP".Contains(text[at], StringComparison.Ordinal))
        {
            at++;
        }

        if (at < text.Length && text[at] is '+' or '-')
        {
            at++;
        }

        Digits(text, ref at);
        suffix = text.AsSpan(start, at - start);
        return at == text.Length;
    }

    private static ReadOnlySpan<char> Digits(string text, scoped ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return text.AsSpan(start, at - start);
    }

    private static bool Suffix(ReadOnlySpan<char> suffix, out QuantityFormat format, out int exponent)
    {
        format = QuantityFormat.DecimalSI;
        exponent = 0;
        switch (suffix)
        {
            case "": return true;
            case "n": exponent = -9; return true;
            case "u": exponent = -6; return true;
            case "m": exponent = -3; return true;
            case "k": exponent = 3; return true;
            case "M": exponent = 6; return true;
            case "G": exponent = 9; return true;
            case "T": exponent = 12; return true;
            case "P": exponent = 15; return true;
            case "E": exponent = 18; return true;
        }

        format = QuantityFormat.BinarySI;
        switch (suffix)
        {
            case "Ki": exponent = 10; return true;
            case "Mi": exponent = 20; return true;
            case "Gi": exponent = 30; return true;
            case "Ti": exponent = 40; return true;
            case "Pi": exponent = 50; return true;
            case "Ei": exponent = 60; return true;
        }

        format = QuantityFormat.DecimalExponent;
        if (suffix[0] is not ('e' or 'E') || !int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
        {
            return false;
        }

        return exponent is > -1000 and < 1000;
    }

    /// <summary>digits * 10^scale: what is below a billionth is rounded up, what is too large becomes the largest.</summary>
    private static decimal Number(ReadOnlySpan<char> digits, int scale)
    {
        digits = digits.TrimStart('0');
        if (digits.IsEmpty)
        {
            return 0;
        }

        var whole = Math.Max(digits.Length + scale, 0);
        if (whole > MostDigits)
        {
            return Largest;
        }

        // Only nine digits after the point count, of large numbers as many as a decimal has; more of them can only round up.
        var kept = Math.Min(9, MostDigits - whole);
        var surplus = -scale - kept;
        if (surplus <= 0)
        {
            return Parse(digits, scale);
        }

        if (surplus >= digits.Length)
        {
            return Nano;
        }

        var rest = digits[^surplus..].ContainsAnyExcept('0') ? Parse("1", -kept) : 0;
        return Parse(digits[..^surplus], -kept) + rest;
    }

    /// <summary>Whether a unit alone, or a sign or a point without digits, is taken for zero: upstream's fast path takes it so.</summary>
    private static bool IsZero(QuantityFormat format, int exponent) => format == QuantityFormat.BinarySI ? exponent <= 40 : exponent >= -9;

    private static decimal Parse(ReadOnlySpan<char> digits, int scale)
    {
        var value = decimal.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        for (; scale > 0; scale--)
        {
            value *= 10;
        }

        for (; scale < 0; scale++)
        {
            value /= 10;
        }

        return value;
    }

    private static decimal RoundUp(decimal amount)
    {
        var nanos = decimal.Round(amount, 9);
        return nanos < amount ? nanos + Nano : nanos;
    }

    /// <summary>Upstream keeps the text of what it takes for canonical without looking closely: "1.234" stays, "1.5" becomes "1500m".</summary>
    private static bool KeepsText(string digits, int number, int fraction, int scale, int exponent, QuantityFormat format)
    {
        if (digits.Length > FastDigits || scale < -9)
        {
            return false;
        }

        if (format != QuantityFormat.BinarySI)
        {
            return scale % 3 == 0 && !digits.EndsWith("000", StringComparison.Ordinal) && digits[0] != '0';
        }

        return fraction == 0 && number + (exponent * 3 / 10) <= 14 && (long.Parse(digits, CultureInfo.InvariantCulture) & 7) != 0;
    }
}
