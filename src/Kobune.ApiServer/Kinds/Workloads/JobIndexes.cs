using System.Globalization;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>The text form of completion indexes, "1,3-5,7": rising, and all below the number of completions. Source: pkg/apis/batch/validation.</summary>
internal static class JobIndexes
{
    /// <summary>How many indexes a text names; what is wrong with it, in upstream's words, or null.</summary>
    public static int Count(string text, int completions, out string? problem)
    {
        problem = null;
        var (count, last) = (0, -1);
        foreach (var part in text.Length == 0 ? [] : text.Split(','))
        {
            if (Interval(part, completions, out problem) is not { } interval)
            {
                return 0;
            }

            if (last >= interval.First)
            {
                problem = $"non-increasing order, previous: {last}, current: {interval.First}";
                return 0;
            }

            count += interval.Last - interval.First + 1;
            last = interval.Last;
        }

        return count;
    }

    /// <summary>The first index that both texts name; what is malformed is skipped.</summary>
    public static int? FirstCommon(string one, string other, int completions)
    {
        var others = Intervals(other, completions).ToList();
        return Intervals(one, completions)
            .SelectMany(a => others.Where(b => a.First <= b.Last && b.First <= a.Last).Select(b => (int?)Math.Max(a.First, b.First)))
            .Min();
    }

    private static IEnumerable<(int First, int Last)> Intervals(string text, int completions) =>
        text.Split(',').Select(p => Interval(p, completions, out _)).OfType<(int First, int Last)>();

    private static (int First, int Last)? Interval(string text, int completions, out string? problem)
    {
        var ends = text.Split('-');
        if (ends.Length > 2)
        {
            problem = $"the fragment \"{text}\" violates the requirement that an index interval can have at most two parts separated by '-'";
            return null;
        }

        var first = Index(ends[0], completions, out problem);
        var last = problem is null && ends.Length == 2 ? Index(ends[1], completions, out problem) : first;
        problem ??= ends.Length == 2 && first >= last ? $"non-increasing order, previous: {first}, current: {last}" : null;
        return problem is null ? (first, last) : null;
    }

    private static int Index(string text, int completions, out string? problem)
    {
        var isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index);
        problem = !isNumber ? $"cannot convert string to integer for index: \"{text}\"" : index >= completions ? $"too large index: \"{text}\"" : null;
        return index;
    }
}
