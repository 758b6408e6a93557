using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.ApiServer.Codec;
using Kobune.ApiServer.Watch;
using Kobune.Storage;

namespace Kobune.ApiServer.Registry;

/// <summary>Puts what strategies and admission allocate into the object's own transaction.</summary>
internal static class Allocations
{
    /// <summary>Lets the strategies allocate; the entry is encoded anew when they changed the object.</summary>
    public static async ValueTask<CacheEntry> AllocateAsync(ServerContext server, StoredKind kind, StrategyContext context, JsonObject? obj, CacheEntry? old, CacheEntry entry, AllocationPlan plan, CancellationToken ct)
    {
        if (kind.Strategies.Count == 0)
        {
            return entry;
        }

        foreach (var strategy in kind.Strategies)
        {
            await strategy.AllocateAsync(context, obj, old, plan, ct);
        }

        return obj is not null && kind.Strategies.Any(s => s.ChangesOnAllocate)
            ? CacheEntry.FromStored(entry.Key, ObjectCodec.Encode(kind.Schema.Type, obj), 0)
            : entry;
    }

    /// <summary>The object's own compare comes first, so that a miss can be told apart.</summary>
    public static Transaction Transaction(ServerContext server, Compare compare, Operation operation, AllocationPlan plan, Durability durability)
    {
        if (plan.Compares.Count == 0 && plan.Operations.Count == 0 && plan.Changes.Count == 0)
        {
            return new([compare], [operation], durability);
        }

        List<Compare> compares = [compare, .. plan.Compares];
        List<Operation> operations = [operation, .. plan.Operations];
        foreach (var change in plan.Changes)
        {
            var kind = server.Registry.StoredKindOf(change.New);
            var key = kind.KeyOf(change.New.Metadata.Namespace, change.New.Metadata.Name);
            compares.Add(new(key, long.Parse(change.Old.Metadata.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture)));
            operations.Add(Operation.Put(key, Encode(server, kind, change.New)));
        }

        return new(compares, operations, durability);
    }

    private static byte[] Encode(ServerContext server, StoredKind kind, IKubernetesObject obj)
    {
        var tree = (JsonObject)JsonNode.Parse(JsonText.Bytes((IJsonWritable)obj))!;
        tree.Meta().Remove("resourceVersion");
        return ObjectCodec.Encode(kind.Schema.Type, tree);
    }
}
