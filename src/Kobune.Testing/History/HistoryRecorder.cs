using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Storage;

namespace Kobune.Testing.History;

/// <summary>Follows the store and writes the history. After a restore it goes on with what comes then.</summary>
internal sealed class HistoryRecorder(IStore store, ClusterHistory history, TimeProvider time) : IComponent
{
    private const string Root = "/registry/";

    public string Name => "history";

    public async Task RunAsync(CancellationToken ct)
    {
        var revision = 0L;
        while (true)
        {
            await foreach (var batch in store.WatchAsync(Root, revision, ct))
            {
                foreach (var change in batch.Events)
                {
                    Add(change);
                }

                revision = Math.Max(revision, batch.Revision);
                if (batch.End == StoreWatchEnd.Closed)
                {
                    return;
                }
            }

            ct.ThrowIfCancellationRequested();
            revision = await store.GetRevisionAsync(ct);
        }
    }

    private void Add(StoreEvent change)
    {
        if (change.Key.StartsWith(Root + "leases/", StringComparison.Ordinal) || (change.Item ?? change.Previous) is not { } item)
        {
            return;
        }

        var encoded = new EncodedObject(item.Value);
        var known = JsonText.Read<PartialObjectMetadata>(item.Value.Span);
        history.Add(new(
            time.GetUtcNow(),
            change.Revision,
            change.Item is null ? ObjectChangeType.Deleted : change.Previous is null ? ObjectChangeType.Added : ObjectChangeType.Modified,
            known.ApiVersion,
            known.Kind,
            known.Metadata.Namespace,
            known.Metadata.Name,
            encoded,
            change.Previous is { } previous ? new EncodedObject(previous.Value) : null));
    }
}
