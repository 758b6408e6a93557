using System.Globalization;
using Kobune.Api.Schema;

namespace Kobune.Dns.Forwarding;

/// <summary>Asks again for what is asked for often before it runs out. Source: CoreDNS' plugin/cache.</summary>
/// <param name="Amount">So many questions make an answer one that is asked for often.</param>
/// <param name="Gap">A pause of this length begins the count anew.</param>
/// <param name="Percentage">The part of its life that an answer has left when it is asked for again.</param>
internal sealed record Prefetch(int Amount, TimeSpan Gap, int Percentage)
{
    private const int LeastPercentage = 10;
    private const int MostPercentage = 90;

    /// <summary>Nothing is fetched before it is asked for.</summary>
    public static Prefetch None { get; } = new(0, TimeSpan.FromMinutes(1), LeastPercentage);

    /// <summary>Reads "prefetch AMOUNT [[DURATION] [PERCENTAGE%]]"; null when it is not of that form.</summary>
    public static Prefetch? Parse(IReadOnlyList<string> words)
    {
        if (words.Count is < 2 or > 4 || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
        {
            return null;
        }

        var prefetch = None with { Amount = amount };
        if (words.Count > 2)
        {
            if (GoDuration.TryParse(words[2]) is not { } nanoseconds || nanoseconds < 0)
            {
                return null;
            }

            prefetch = prefetch with { Gap = TimeSpan.FromMicroseconds(nanoseconds / 1000.0) };
        }

        if (words.Count > 3)
        {
            if (!words[3].EndsWith('%') || !int.TryParse(words[3][..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var part) || part is < LeastPercentage or > MostPercentage)
            {
                return null;
            }

            prefetch = prefetch with { Percentage = part };
        }

        return prefetch;
    }

    /// <summary>Whether an answer with so much left of its life and asked for so often is due.</summary>
    public bool IsDue(int hits, uint left, uint lifetime) => Amount > 0 && hits >= Amount && left <= Math.Ceiling(lifetime * Percentage / 100.0);
}
