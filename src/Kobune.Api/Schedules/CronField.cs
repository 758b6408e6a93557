using System.Globalization;

namespace Kobune.Api.Schedules;

/// <summary>One field of a schedule: which of its values are meant.</summary>
/// <param name="Bits">A bit for each value.</param>
/// <param name="IsAny">It was written as a star or a question mark: it leaves the choice to the other field of days.</param>
internal readonly record struct CronField(ulong Bits, bool IsAny)
{
    public bool Has(int value) => (Bits & (1UL << value)) != 0;

    /// <summary>Reads a list of ranges; null, and what is wrong, when it is none.</summary>
    public static CronField? TryParse(string text, CronRange range, out string? problem)
    {
        problem = null;
        var field = default(CronField);
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Part(part, range, out problem) is not { } one)
            {
                return null;
            }

            field = new(field.Bits | one.Bits, field.IsAny || one.IsAny);
        }

        return field;
    }

    /// <summary>"N", "N-M", "*", each with "/STEP"; "N/STEP" goes to the end.</summary>
    private static CronField? Part(string text, CronRange range, out string? problem)
    {
        var parts = text.Split('/');
        var ends = parts[0].Split('-');
        var isAny = ends[0] is "*" or "?";
        var (start, end, step) = (range.Low, range.High, 1);
        if (!isAny)
        {
            start = range.Number(ends[0], out problem);
            end = ends.Length == 2 && problem is null ? range.Number(ends[1], out problem) : start;
            problem ??= ends.Length > 2 ? $"too many hyphens: {text}" : null;
            if (problem is not null)
            {
                return null;
            }
        }

        problem = parts.Length > 2 ? $"too many slashes: {text}" : null;
        if (parts.Length == 2)
        {
            step = CronRange.Integer(parts[1], out problem);
            end = ends.Length == 1 ? range.High : end;
            isAny = isAny && step <= 1;
        }

        problem ??= start < range.Low ? $"beginning of range ({start}) below minimum ({range.Low}): {text}"
            : end > range.High ? $"end of range ({end}) above maximum ({range.High}): {text}"
            : start > end ? $"beginning of range ({start}) beyond end of range ({end}): {text}"
            : step == 0 ? $"step of range should be a positive number: {text}"
            : null;
        return problem is null ? new(Mask(start, end, step), isAny) : null;
    }

    private static ulong Mask(int start, int end, int step)
    {
        var bits = 0UL;
        for (long i = start; i <= end; i += step)
        {
            bits |= 1UL << (int)i;
        }

        return bits;
    }
}

/// <summary>What a field may have: numbers, and words for them.</summary>
/// <param name="Low">Smallest number.</param>
/// <param name="High">Greatest number.</param>
/// <param name="Words">Names of the numbers from <paramref name="Low"/> on, in lower case.</param>
internal readonly record struct CronRange(int Low, int High, string[] Words)
{
    /// <summary>A number or a word; what is wrong, when it is neither.</summary>
    public int Number(string text, out string? problem)
    {
        var word = Array.IndexOf(Words, text.ToLowerInvariant());
        problem = null;
        return word >= 0 ? Low + word : Integer(text, out problem);
    }

    public static int Integer(string text, out string? problem)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            problem = $"failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": invalid syntax";
            return 0;
        }

        problem = number < 0 ? $"negative number ({number}) not allowed: {text}" : null;
        return number;
    }
}
