namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>Whether a text is a schedule of five fields, or one of the names with an at sign (the parser of robfig/cron, which upstream uses).</summary>
internal static class CronSchedule
{
    private static readonly string[] Names = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    private static readonly (int Low, int High, string[] Words, int First)[] Fields = [(0, 59, [], 0), (0, 23, [], 0), (1, 31, [], 0), (1, 12, Months, 1), (0, 6, Days, 0)];

    /// <summary>Null when good, else what is wrong, in the parser's words.</summary>
    public static string? Problem(string text)
    {
        if (text.StartsWith('@'))
        {
            return Names.Contains(text) || text.StartsWith("@every ", StringComparison.Ordinal) ? null : $"unrecognized descriptor: {text}";
        }

        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields.Length != 5)
        {
            return $"expected exactly 5 fields, found {fields.Length}: [{string.Join(" ", fields)}]";
        }

        for (var i = 0; i < 5; i++)
        {
            foreach (var range in fields[i].Split(','))
            {
                if (Range(range, Fields[i]) is { } problem)
                {
                    return problem;
                }
            }
        }

        return null;
    }

    private static string? Range(string text, (int Low, int High, string[] Words, int First) field)
    {
        var parts = text.Split('/');
        if (parts.Length > 2)
        {
            return $"too many slashes: {text}";
        }

        var ends = parts[0].Split('-');
        int start, end;
        if (ends[0] is "*" or "?")
        {
            (start, end) = (field.Low, field.High);
        }
        else
        {
            if (ends.Length > 2)
            {
                return $"too many hyphens: {text}";
            }

            if (!TryNumber(ends[0], field, out start, out var problem) || !TryNumber(ends[^1], field, out end, out problem))
            {
                return problem;
            }

            end = parts.Length == 2 && ends.Length == 1 ? field.High : end;
        }

        if (parts.Length == 2 && (!int.TryParse(parts[1], System.Globalization.NumberStyles.None, null, out var step) || step == 0))
        {
            return int.TryParse(parts[1], out _) ? $"step of range should be a positive number: {text}" : $"failed to parse int from {parts[1]}: strconv.Atoi: parsing \"{parts[1]}\": invalid syntax";
        }

        return start < field.Low ? $"beginning of range ({start}) below minimum ({field.Low}): {text}"
            : end > field.High ? $"end of range ({end}) above maximum ({field.High}): {text}"
            : start > end ? $"beginning of range ({start}) beyond end of range ({end}): {text}"
            : null;
    }

    private static bool TryNumber(string text, (int Low, int High, string[] Words, int First) field, out int value, out string? problem)
    {
        var word = Array.IndexOf(field.Words, text.ToLowerInvariant());
        value = word + field.First;
        problem = null;
        if (word >= 0 || int.TryParse(text, System.Globalization.NumberStyles.None, null, out value))
        {
            return true;
        }

        problem = $"failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": invalid syntax";
        return false;
    }
}
