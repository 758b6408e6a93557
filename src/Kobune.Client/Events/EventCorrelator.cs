using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;

namespace Kobune.Client.Events;

/// <summary>An event to write: created, or patched over the one that it repeats.</summary>
internal sealed record CorrelatedEvent(Event Event, Patch? Patch);

/// <summary>
/// Decides what becomes of an event: dropped (a source floods one object), aggregated (more than ten similar in ten minutes), counted (a
/// repetition), or created. For one thread. Source: client-go, tools/record, EventCorrelator with its defaults.
/// </summary>
internal sealed class EventCorrelator(TimeProvider time)
{
    private const int CacheSize = 4096;
    private const int Burst = 25;
    private const int MaxSimilar = 10;
    private static readonly TimeSpan RefillEvery = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan SimilarWithin = TimeSpan.FromSeconds(600);
    private readonly RecentlyUsed<string, Bucket> _buckets = new(CacheSize);
    private readonly RecentlyUsed<string, Aggregate> _aggregates = new(CacheSize);
    private readonly RecentlyUsed<string, Seen> _seen = new(CacheSize);

    /// <summary>What to write, or null for nothing.</summary>
    public CorrelatedEvent? Correlate(Event made)
    {
        var (aggregated, key) = AggregateSimilar(made);
        var correlated = Count(aggregated, key);
        return TakeToken(made) ? correlated : null;
    }

    /// <summary>The server's answer, against which the next repetition is patched.</summary>
    public void Wrote(Event stored) => Remember(KeyOf(stored), stored);

    private (Event Event, string Key) AggregateSimilar(Event made)
    {
        var similar = string.Join('\n', SourceKey(made), made.Type, made.Reason, made.ReportingController, made.ReportingInstance);
        var now = time.GetUtcNow();
        if (!_aggregates.TryGet(similar, out var aggregate) || now - aggregate.Last > SimilarWithin)
        {
            aggregate = new Aggregate([], now);
        }

        aggregate = aggregate with { Last = now };
        aggregate.Messages.Add(made.Message);
        _aggregates.Set(similar, aggregate);
        if (aggregate.Messages.Count < MaxSimilar)
        {
            return (made, KeyOf(made));
        }

        aggregate.Messages.Remove(aggregate.Messages.First()); // as many stay as decide, no more
        return (made with { Message = "(combined from similar events): " + made.Message }, similar);
    }

    private CorrelatedEvent Count(Event made, string key)
    {
        Patch? patch = null;
        if (_seen.TryGet(key, out var seen) && seen.Count > 0)
        {
            made = made with
            {
                Metadata = made.Metadata with { Name = seen.Name, ResourceVersion = seen.ResourceVersion },
                FirstTimestamp = seen.First,
                Count = seen.Count + 1,
            };
            patch = Patch.Strategic(new JsonObject
            {
                ["count"] = made.Count,
                ["lastTimestamp"] = made.LastTimestamp?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
                ["message"] = made.Message,
            });
        }

        Remember(key, made);
        return new(made, patch);
    }

    private void Remember(string key, Event made) =>
        _seen.Set(key, new(made.Count, made.FirstTimestamp, made.Metadata.Name, made.Metadata.ResourceVersion));

    private bool TakeToken(Event made)
    {
        var key = SourceKey(made);
        var now = time.GetUtcNow();
        var bucket = _buckets.TryGet(key, out var known) ? known : new Bucket(Burst, now);
        var tokens = Math.Min(Burst, bucket.Tokens + ((now - bucket.At) / RefillEvery));
        var allowed = tokens >= 1;
        _buckets.Set(key, new(allowed ? tokens - 1 : tokens, now));
        return allowed;
    }

    private static string SourceKey(Event made)
    {
        var o = made.InvolvedObject;
        return string.Join('\n', made.Source.Component, made.Source.Host, o.Kind, o.Namespace, o.Name, o.Uid, o.APIVersion);
    }

    private static string KeyOf(Event made) =>
        string.Join('\n', SourceKey(made), made.InvolvedObject.FieldPath, made.Type, made.Reason, made.Message);

    private readonly record struct Bucket(double Tokens, DateTimeOffset At);

    private sealed record Aggregate(HashSet<string> Messages, DateTimeOffset Last);

    private readonly record struct Seen(int Count, DateTimeOffset? First, string Name, string ResourceVersion);
}
