using System.Globalization;

namespace Kobune.Api;

/// <summary>Writes the canonical form of a quantity (upstream's CanonicalizeBytes).</summary>
internal static class QuantityText
{
    private const long NanosPerUnit = 1_000_000_000;
    private static readonly string[] Decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    public static string Format(Int128 nanos, QuantityFormat format)
    {
        if (nanos == 0)
        {
            return "0";
        }

        // Small and fractional numbers would be rounded in binary units.
        if (format == QuantityFormat.BinarySI)
        {
            var (whole, rest) = Int128.DivRem(nanos, NanosPerUnit);
            if (rest == 0 && Int128.Abs(whole) >= 1024)
            {
                return Binary1024(whole);
            }

            format = QuantityFormat.DecimalSI;
        }

        var exponent = -9;
        while (nanos % 1000 == 0)
        {
            nanos /= 1000;
            exponent += 3;
        }

        var number = nanos.ToString(CultureInfo.InvariantCulture);
        var unit = (exponent + 9) / 3;
        return format == QuantityFormat.DecimalSI && unit < Decimal.Length
            ? number + Decimal[unit]
            : exponent == 0 ? number : number + "e" + exponent.ToString(CultureInfo.InvariantCulture);
    }

    private static string Binary1024(Int128 whole)
    {
        var unit = 0;
        while (whole % 1024 == 0 && unit < Binary.Length - 1)
        {
            whole /= 1024;
            unit++;
        }

        return whole.ToString(CultureInfo.InvariantCulture) + Binary[unit];
    }
}
