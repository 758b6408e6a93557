using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Kobune.ApiServer.Errors;

namespace Kobune.ApiServer.Aggregation;

/// <summary>
/// OpenAPI v2 documents of aggregated servers. They are asked for when a client wants the merged document, and again after a minute; what a server told last stands while it is silent.
/// A server without one is left out. Source: k8s.io/kube-aggregator, controllers/openapi.
/// </summary>
internal sealed class AggregatedOpenApi(AggregatedApis apis, AggregatedCaller caller, TimeProvider time)
{
    private const string User = "system:aggregator";
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5); // a client waits meanwhile
    private readonly ConcurrentDictionary<string, Told> _told = new(StringComparer.Ordinal);

    /// <summary>The documents, those of higher priority first; the same objects while nothing changed.</summary>
    public async ValueTask<IReadOnlyList<byte[]>> CurrentAsync(CancellationToken ct)
    {
        var all = apis.All;
        if (all.Count == 0 && _told.IsEmpty)
        {
            return [];
        }

        foreach (var gone in _told.Keys.Except(all.Select(a => a.Name)).ToArray())
        {
            _told.TryRemove(gone, out _);
        }

        await AskAsync(all, ct);
        return [.. all.OrderByDescending(a => a.GroupPriority).ThenBy(a => a.Group, StringComparer.Ordinal).ThenByDescending(a => a.VersionPriority).ThenBy(a => a.Name, StringComparer.Ordinal)
            .Select(a => _told.GetValueOrDefault(a.Name)?.Document).OfType<byte[]>()];
    }

    /// <summary>The documents of some servers as ones of version 3; those that have none are left out.</summary>
    public async ValueTask<IReadOnlyList<(AggregatedApi Api, byte[] Document)>> UpgradedAsync(IReadOnlyList<AggregatedApi> some, CancellationToken ct)
    {
        await AskAsync(some, ct);
        return [.. some.Select(a => (a, _told.GetValueOrDefault(a.Name)?.Upgraded?.Value)).Where(u => u.Value is not null).Select(u => (u.a, u.Value!))];
    }

    private Task AskAsync(IReadOnlyList<AggregatedApi> some, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        return Task.WhenAll(some.Where(a => a.IsAvailable && (!_told.TryGetValue(a.Name, out var known) || known.At + Fresh <= now)).Select(a => AskAsync(a, now, ct)));
    }

    private async Task AskAsync(AggregatedApi api, DateTimeOffset now, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var timer = time.CreateTimer(_ => patience.Cancel(), null, Patience, Timeout.InfiniteTimeSpan);
        var known = _told.GetValueOrDefault(api.Name) ?? new(null, null, now);
        try
        {
            using var response = await caller.GetAsync(api, "/openapi/v2", User, "application/json", patience.Token, known.ETag);
            _told[api.Name] = response.StatusCode switch
            {
                HttpStatusCode.OK => Kept(known, await response.Content.ReadAsByteArrayAsync(patience.Token), response.Headers.ETag?.ToString(), now),
                HttpStatusCode.NotFound => new(null, null, now),
                _ => known with { At = now },
            };
        }
        catch (Exception e) when (e is HttpRequestException or StatusException or JsonException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            _told[api.Name] = known with { At = now };
        }
    }

    private static Told Kept(Told known, byte[] document, string? tag, DateTimeOffset now)
    {
        using (JsonDocument.Parse(document, OpenApiMerge.Options))
        {
            // Whatever is no JSON is refused here, not when it is merged.
        }

        var isSame = known.Document is { } before && before.AsSpan().SequenceEqual(document);
        return isSame ? known with { ETag = tag, At = now } : new(document, tag, now) { Upgraded = new(() => Upgrade(document)) };
    }

    private static byte[]? Upgrade(byte[] document)
    {
        try
        {
            return OpenApiUpgrade.ToV3(document);
        }
        catch (JsonException)
        {
            return null; // JSON, but no such document
        }
    }

    /// <summary>What a server told; no document when it has none or has not answered yet.</summary>
    private sealed record Told(byte[]? Document, string? ETag, DateTimeOffset At)
    {
        public Lazy<byte[]?>? Upgraded { get; init; }
    }
}
