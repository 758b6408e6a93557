using System.Globalization;

namespace Kobune.Api;

/// <summary>Writes the canonical form of a quantity (upstream's CanonicalizeBytes).</summary>
internal static class QuantityText
{
    private static readonly string[] Decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    public static string Format(decimal number, QuantityFormat format)
    {
        if (number == 0)
        {
            return "0";
        }

        // Small and fractional numbers would be rounded in binary units.
        if (format == QuantityFormat.BinarySI)
        {
            if (decimal.Truncate(number) == number && Math.Abs(number) >= 1024)
            {
                return Binary1024(number);
            }

            format = QuantityFormat.DecimalSI;
        }

        var exponent = 0;
        while (decimal.Truncate(number) != number)
        {
            number *= 1000;
            exponent -= 3;
        }

        while (number % 1000 == 0)
        {
            number /= 1000;
            exponent += 3;
        }

        var digits = Digits(number);
        var unit = (exponent + 9) / 3;
        return format == QuantityFormat.DecimalSI && unit < Decimal.Length
            ? digits + Decimal[unit]
            : exponent == 0 ? digits : digits + "e" + exponent.ToString(CultureInfo.InvariantCulture);
    }

    private static string Binary1024(decimal whole)
    {
        var unit = 0;
        while (whole % 1024 == 0 && unit < Binary.Length - 1)
        {
            whole /= 1024;
            unit++;
        }

        return Digits(whole) + Binary[unit];
    }

    private static string Digits(decimal whole) => decimal.Truncate(whole).ToString("0", CultureInfo.InvariantCulture);
}
