using System.Globalization;
using Kobune.Api.Schema;

namespace Kobune.Kubelet.Logs;

/// <summary>Which part of a log is wanted (PodLogOptions).</summary>
internal sealed record LogOptions
{
    internal bool Follow { get; init; }

    internal long? TailLines { get; init; }

    internal long? LimitBytes { get; init; }

    internal DateTimeOffset? Since { get; init; }

    internal bool Timestamps { get; init; }

    internal bool Previous { get; init; }

    /// <summary>"Stdout", "Stderr", or null for both.</summary>
    internal string? Stream { get; init; }

    /// <summary>From query parameters; null and a complaint when one is wrong.</summary>
    internal static (LogOptions? Options, string? Complaint) Parse(Func<string, string?> query, DateTimeOffset now)
    {
        var tail = Number("tailLines");
        var limit = Number("limitBytes");
        var seconds = Number("sinceSeconds");
        if (tail is < 0 || limit is < 1 || seconds is < 1)
        {
            return (null, "Invalid request: tailLines, limitBytes and sinceSeconds must be positive");
        }

        DateTimeOffset? since = seconds is { } s ? now.AddSeconds(-s) : null;
        if (query("sinceTime") is { Length: > 0 } text)
        {
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            {
                return (null, $"Invalid request: unable to parse sinceTime \"{text}\"");
            }

            since = time;
        }

        return (new()
        {
            Follow = Flag("follow"),
            Timestamps = Flag("timestamps"),
            Previous = Flag("previous"),
            TailLines = tail,
            LimitBytes = limit,
            Since = since,
            Stream = query("stream") is { Length: > 0 } stream and not "All" ? stream : null,
        }, null);

        long? Number(string name) => query(name) is { Length: > 0 } value ? long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : -1 : null;
        bool Flag(string name) => GoBool.TryParse(query(name)) == true;
    }
}
