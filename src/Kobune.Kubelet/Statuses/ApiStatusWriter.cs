using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Client;

namespace Kobune.Kubelet.Statuses;

/// <summary>Writes statuses as strategic merge patches: conditions merge by type, so those of others stay; the UID guards against a namesake.</summary>
internal sealed class ApiStatusWriter(IClient client) : IStatusWriter
{
    public async Task<bool> WriteAsync(Pod pod, PodStatus known, PodStatus status, CancellationToken ct)
    {
        if (PodStatusPatch.Between(pod.Metadata.Uid, known, status) is not { } patch)
        {
            return true;
        }

        try
        {
            await client.PatchAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, Patch.Strategic(patch), "status", ct);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            return false; // another pod of this name, or none
        }
    }

    public async Task FinishDeletionAsync(Pod pod, CancellationToken ct)
    {
        try
        {
            var options = new Kobune.Api.Meta.V1.DeleteOptions { GracePeriodSeconds = 0, Preconditions = new() { Uid = pod.Metadata.Uid } };
            await client.DeleteAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, options, ct);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // It is gone already.
        }
    }
}

/// <summary>The patch between two statuses of a pod.</summary>
internal static class PodStatusPatch
{
    /// <summary>Null when nothing that the kubelet owns differs.</summary>
    internal static JsonObject? Between(string uid, PodStatus known, PodStatus status)
    {
        var from = Tree(known);
        var to = Tree(status);
        var patch = new JsonObject();
        foreach (var (name, value) in to)
        {
            if (name == "conditions")
            {
                var changed = status.Conditions.Where(c => IsOwn(c.Type) && !known.Conditions.Any(k => k.Equals(c))).Select(c => Condition(c, known.Conditions.FirstOrDefault(k => k.Type == c.Type)));
                var over = known.Conditions.Where(k => PodConditionPlan.Resizes.Contains(k.Type) && status.Conditions.All(c => c.Type != k.Type)).Select(k => new JsonObject { ["$patch"] = "delete", ["type"] = k.Type });
                JsonNode[] conditions = [.. changed, .. over];
                if (conditions.Length > 0)
                {
                    patch[name] = new JsonArray(conditions);
                }
            }
            else if (!JsonNode.DeepEquals(value, from[name]))
            {
                patch[name] = Replacing(value, from[name]);
            }
        }

        foreach (var (name, _) in from)
        {
            if (name != "conditions" && !to.ContainsKey(name))
            {
                patch[name] = null;
            }
        }

        return patch.Count == 0 ? null : new JsonObject { ["metadata"] = new JsonObject { ["uid"] = uid }, ["status"] = patch };
    }

    // Conditions are merged: what the last one said and the new one does not must be taken away by name.
    private static JsonObject Condition(PodCondition condition, PodCondition? known)
    {
        var tree = JsonNode.Parse(JsonText.Bytes(condition))!.AsObject();
        foreach (var (name, _) in known is null ? [] : JsonNode.Parse(JsonText.Bytes(known))!.AsObject())
        {
            if (!tree.ContainsKey(name))
            {
                tree[name] = null;
            }
        }

        return tree;
    }

    private static bool IsOwn(string type) => PodConditionPlan.Owned.Contains(type) || type is "PodScheduled" or "DisruptionTarget";

    /// <summary>podIPs and hostIPs merge by address in a strategic patch: they are replaced as wholes.</summary>
    private static JsonNode? Replacing(JsonNode? value, JsonNode? before)
    {
        var clone = value?.DeepClone();
        if (clone is JsonArray list && before is JsonArray { Count: > 0 } old && list.All(i => i is JsonObject o && o.ContainsKey("ip")))
        {
            foreach (var gone in old.Where(o => !list.Any(i => JsonNode.DeepEquals(i, o))))
            {
                list.Add((JsonNode)new JsonObject { ["$patch"] = "delete", ["ip"] = gone!["ip"]!.DeepClone() });
            }
        }

        return clone;
    }

    private static JsonObject Tree(PodStatus status) => JsonNode.Parse(JsonText.Bytes(status))!.AsObject();
}
