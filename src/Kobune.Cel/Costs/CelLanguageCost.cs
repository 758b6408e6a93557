namespace Kobune.Cel.Costs;

/// <summary>Estimates of the language's own functions, by the sizes of their operands.</summary>
internal static class CelLanguageCost
{
    public static CallCost Of(string overload, CelRange? target, CelRange[] a)
    {
        switch (overload)
        {
            case "string_to_bytes" when a.Length == 1:
                // A code point has up to four octets. Upstream lets this product wrap.
                return new(a[0].Scale(CelCosts.StringFactor), new(a[0].Min, unchecked(a[0].Max * 4)));
            case "bytes_to_string" when a.Length == 1:
                return new(a[0].Scale(CelCosts.StringFactor), new(a[0].Min / 4, a[0].Max));
            case "strings_quote" when a.Length == 1:
                return new(a[0].Scale(CelCosts.StringFactor), new(a[0].Min + 2, unchecked((a[0].Max * 2) + 2)));
            case "string_format" when target is { } format:
                return new(format.Scale(CelCosts.StringFactor));
            case "starts_with_string" or "ends_with_string" when a.Length == 1:
                return new(a[0].Scale(CelCosts.StringFactor));
            case "in_list" when a.Length == 2:
                return new(a[1].Scale(1));
            case "matches_string" when target is { } text && a.Length == 1:
                return new(text.Add(CelRange.Of(1)).Scale(CelCosts.StringFactor).Multiply(a[0].Scale(CelCosts.PatternFactor)));
            case "contains_string" when target is { } whole && a.Length == 1:
                return new(whole.Scale(CelCosts.StringFactor).Multiply(a[0].Scale(CelCosts.StringFactor)));
            case "add_list" when a.Length == 2:
                return new(CelRange.Of(1), a[0].Add(a[1]));
            case "add_string" or "add_bytes" when a.Length == 2:
                return new(a[0].Add(a[1]).Scale(CelCosts.StringFactor), a[0].Add(a[1]));
            case not null when CelCosts.IsTextComparison(overload):
                var most = Math.Min(a[0].Max, a[1].Max);
                return new(new CelRange(most > 0 ? 1UL : 0, most).Scale(CelCosts.StringFactor));
            default:
                return new(CelRange.Of(1));
        }
    }
}
