using System.Globalization;
using System.Threading.Channels;
using Kobune.Api.Core.V1;

namespace Kobune.ApiServer.Authentication.Tokens;

/// <summary>The days on which tokens of Secrets were used, on their way to the Secrets' labels. Of more than a thousand that wait, the newest are dropped: the next use tells again.</summary>
public sealed class LegacyTokenUses
{
    /// <summary>The label that holds the day.</summary>
    public const string LastUsed = "kubernetes.io/legacy-token-last-used";

    /// <summary>The label of a token that is not accepted any more.</summary>
    public const string InvalidSince = "kubernetes.io/legacy-token-invalid-since";

    private readonly Channel<(string Namespace, string Name, string Uid, string Day)> _waiting =
        Channel.CreateBounded<(string, string, string, string)>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropWrite });

    internal ChannelReader<(string Namespace, string Name, string Uid, string Day)> Waiting => _waiting.Reader;

    internal static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    internal void Note(Secret secret, DateTimeOffset now)
    {
        if (Day(now) is var day && secret.Metadata.Labels.GetValueOrDefault(LastUsed) != day)
        {
            _waiting.Writer.TryWrite((secret.Metadata.Namespace, secret.Metadata.Name, secret.Metadata.Uid, day));
        }
    }
}
