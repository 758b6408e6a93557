namespace Kobune.Cli.Paths;

/// <summary>Finds what was probably meant by a misspelt word.</summary>
internal static class NearMiss
{
    /// <summary>The closest candidate that is at most a third of the word's letters away (and at least one or two); null when none is.</summary>
    public static string? Of(string word, IEnumerable<string> candidates)
    {
        var limit = Math.Max(2, word.Length / 3);
        return candidates
            .Distinct()
            .Select(c => (Candidate: c, Distance: DistanceOf(word, c)))
            .Where(c => c.Distance > 0 && c.Distance <= limit)
            .OrderBy(c => c.Distance).ThenBy(c => c.Candidate, StringComparer.Ordinal)
            .Select(c => c.Candidate)
            .FirstOrDefault();
    }

    // Levenshtein: single letters added, taken away or changed.
    private static int DistanceOf(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
