using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Client;

namespace Kobune.ControllerManager.GarbageCollector;

/// <summary>Objects of any kind as the server has them at this moment, and the collector's changes of them. One that has gone meanwhile is no fault.</summary>
internal sealed class LiveObjects(MetadataClient client)
{
    /// <summary>The object as it is now; null when it is not there.</summary>
    public async Task<PartialObjectMetadata?> LiveAsync(ResourceDescriptor resource, string ns, string name, CancellationToken ct)
    {
        try
        {
            return await client.GetAsync(resource, ns, name, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Deletes the object if it is still as it was looked at.</summary>
    public async Task DeleteAsync(ResourceDescriptor resource, PartialObjectMetadata live, string policy, CancellationToken ct)
    {
        try
        {
            // The revision too: an owner that adopted it meanwhile must not lose it.
            var options = new DeleteOptions { PropagationPolicy = policy, Preconditions = new Preconditions { Uid = live.Metadata.Uid, ResourceVersion = live.Metadata.ResourceVersion } };
            await client.DeleteAsync(resource, live.Metadata.Namespace, live.Metadata.Name, options, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone already.
        }
    }

    /// <summary>Gives the object these owners, if it is still as it was looked at.</summary>
    public async Task<PartialObjectMetadata> WriteOwnersAsync(ResourceDescriptor resource, PartialObjectMetadata live, IReadOnlyList<OwnerReference> owners, CancellationToken ct)
    {
        var list = new JsonArray([.. owners.Select(o => JsonNode.Parse(JsonText.Bytes(o)))]);
        var patch = Patch.Merge(new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = live.Metadata.ResourceVersion, ["uid"] = live.Metadata.Uid, ["ownerReferences"] = list },
        });
        try
        {
            return await client.PatchAsync(resource, live.Metadata.Namespace, live.Metadata.Name, patch, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return live;
        }
    }

    /// <summary>Takes one of the collector's finalizers from an owner, if it is still as it was looked at.</summary>
    public async Task RemoveFinalizerAsync(ResourceDescriptor resource, PartialObjectMetadata live, string finalizer, CancellationToken ct)
    {
        if (!live.Metadata.Finalizers.Contains(finalizer))
        {
            return;
        }

        var left = new JsonArray([.. live.Metadata.Finalizers.Where(f => f != finalizer).Select(f => (JsonNode)f)]);
        var patch = Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = live.Metadata.ResourceVersion, ["finalizers"] = left } });
        try
        {
            await client.PatchAsync(resource, live.Metadata.Namespace, live.Metadata.Name, patch, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Its last finalizer went, and it with it.
        }
    }
}
