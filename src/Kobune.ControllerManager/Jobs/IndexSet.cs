using System.Globalization;
using System.Text;

namespace Kobune.ControllerManager.Jobs;

/// <summary>
/// Completion indexes as ranges in rising order, with the text form of a Job's completedIndexes: "1,3-5,7"; two neighbours are "1,2".
/// Source: pkg/controller/job/indexed_job_utils.go.
/// </summary>
internal sealed class IndexSet
{
    private readonly List<(int First, int Last)> _ranges;

    private IndexSet(List<(int First, int Last)> ranges) => _ranges = ranges;

    public static IndexSet Empty { get; } = new([]);

    /// <summary>How many indexes.</summary>
    public int Count => _ranges.Sum(r => r.Last - r.First + 1);

    /// <summary>The ranges, ends included.</summary>
    public IReadOnlyList<(int First, int Last)> Ranges => _ranges;

    /// <summary>Some indexes in any order.</summary>
    public static IndexSet Of(IEnumerable<int> indexes) => Joined(indexes.Order().Select(i => (i, i)));

    /// <summary>Reads the text form. What is no number is left out, and so is what is not below <paramref name="completions"/>.</summary>
    public static IndexSet Parse(string text, int completions)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            if (TryNumber(ends[0], out var first) && TryNumber(ends[^1], out var last) && first < completions && first <= last)
            {
                ranges.Add((first, Math.Min(last, completions - 1)));
            }
        }

        ranges.Sort();
        return Joined(ranges);
    }

    public bool Contains(int index)
    {
        var (low, high) = (0, _ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _ranges[middle].Last < index ? (middle + 1, high) : (low, middle);
        }

        return low < _ranges.Count && _ranges[low].First <= index;
    }

    /// <summary>The indexes of both.</summary>
    public IndexSet Union(IndexSet other) => Joined(_ranges.Concat(other._ranges).Order());

    /// <summary>How many indexes are in both.</summary>
    public int CountCommon(IndexSet other)
    {
        var (common, mine, theirs) = (0, 0, 0);
        while (mine < _ranges.Count && theirs < other._ranges.Count)
        {
            var (a, b) = (_ranges[mine], other._ranges[theirs]);
            common += Math.Max(0, Math.Min(a.Last, b.Last) - Math.Max(a.First, b.First) + 1);
            mine += a.Last <= b.Last ? 1 : 0;
            theirs += b.Last <= a.Last ? 1 : 0;
        }

        return common;
    }

    /// <summary>The first so many indexes below <paramref name="completions"/> that are not in the set.</summary>
    public List<int> FirstMissing(int count, int completions)
    {
        var missing = new List<int>();
        var candidate = 0;
        foreach (var (first, last) in _ranges)
        {
            for (; candidate < Math.Min(first, completions) && missing.Count < count; candidate++)
            {
                missing.Add(candidate);
            }

            candidate = Math.Max(candidate, last + 1);
        }

        for (; candidate < completions && missing.Count < count; candidate++)
        {
            missing.Add(candidate);
        }

        return missing;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (first, last) in _ranges)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(text.Length > 0 ? "," : "")}{first}");
            if (last > first)
            {
                text.Append(CultureInfo.InvariantCulture, $"{(last == first + 1 ? ',' : '-')}{last}");
            }
        }

        return text.ToString();
    }

    private static IndexSet Joined(IEnumerable<(int First, int Last)> sorted)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var range in sorted)
        {
            if (ranges.Count > 0 && range.First <= ranges[^1].Last + 1)
            {
                ranges[^1] = (ranges[^1].First, Math.Max(ranges[^1].Last, range.Last));
            }
            else
            {
                ranges.Add(range);
            }
        }

        return new(ranges);
    }

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
