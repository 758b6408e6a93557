using Kobune.Api.Features;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Watch;
using Kobune.ApiServer.Webhooks;
using Kobune.Storage;

namespace Kobune.ApiServer.Registry;

/// <summary>What every endpoint works with.</summary>
internal sealed record ServerContext(
    IStore Store,
    StoreFeed Feed,
    ResourceRegistry Registry,
    ObjectCodec Codec,
    AdmissionChain Admission,
    IObjectReader Objects,
    FeatureGates Features,
    TimeProvider Time,
    WebhookCaller Webhooks)
{
    /// <summary>The shortest time of a watch whose client named none.</summary>
    public TimeSpan MinRequestTimeout { get; init; } = TimeSpan.FromMinutes(30);

    public CacheReader Reader(StoredKind kind) => new(kind.Cache, Feed, Store);

    /// <summary>Returns when a written object has the effect that its writer may count on at once: webhooks and policies are read from the caches by the next request.</summary>
    public async ValueTask TakeEffectAsync(StoredKind kind, long revision, CancellationToken ct)
    {
        if (kind.Schema.Group == "admissionregistration.k8s.io")
        {
            await Feed.WaitForAsync(revision, ct);
        }
    }

    /// <summary>The newest entry of a key, straight from the store: for writes that lost a race against what the cache showed.</summary>
    public async ValueTask<CacheEntry?> ReadFreshAsync(string key, CancellationToken ct)
    {
        var result = await Store.GetAsync(key, 0, ct);
        return result.Item is { } item ? CacheEntry.FromStored(key, item.Value, item.ModRevision) : null;
    }
}
