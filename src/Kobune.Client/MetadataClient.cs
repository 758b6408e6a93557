using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Client.Transport;

namespace Kobune.Client;

/// <summary>Works on objects of any kind by their metadata alone. Source: client-go, metadata.</summary>
public sealed class MetadataClient(ITransport transport, TimeProvider time)
{
    /// <summary>Asks for metadata instead of whole objects.</summary>
    public const string Accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

    /// <summary>The same for lists.</summary>
    public const string AcceptList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

    private readonly RetryingSender _sender = new(transport, time);

    /// <summary>Reads the metadata of one object, as fresh as the store.</summary>
    public async Task<PartialObjectMetadata> GetAsync(ResourceDescriptor resource, string ns, string name, CancellationToken ct) =>
        (await _sender.SendAsync(With(new("GET", ResourcePath.Of(resource, ns, name)), Accept), ct)).Body.Read<PartialObjectMetadata>();

    /// <summary>Lists metadata; one page when a limit is set.</summary>
    public async Task<ObjectList<PartialObjectMetadata>> ListAsync(ResourceDescriptor resource, string ns, ListOptions? options, CancellationToken ct)
    {
        var list = await _sender.ListAsync(With(new("GET", ResourcePath.Of(resource, ns) + ResourcePath.Query(options)), AcceptList), ct);
        return new([.. list.Items.Select(i => i.Read<PartialObjectMetadata>())], list.ResourceVersion, list.Continue);
    }

    /// <summary>Patches an object.</summary>
    public async Task<PartialObjectMetadata> PatchAsync(ResourceDescriptor resource, string ns, string name, Patch patch, CancellationToken ct) =>
        (await _sender.SendAsync(With(new("PATCH", ResourcePath.Of(resource, ns, name), patch.Body, patch.ContentType), Accept), ct)).Body.Read<PartialObjectMetadata>();

    /// <summary>Deletes one object.</summary>
    public async Task DeleteAsync(ResourceDescriptor resource, string ns, string name, DeleteOptions? options, CancellationToken ct) =>
        await _sender.SendAsync(new("DELETE", ResourcePath.Of(resource, ns, name), Body(options)), ct);

    /// <summary>Deletes all objects of a collection that the list options select.</summary>
    public async Task DeleteCollectionAsync(ResourceDescriptor resource, string ns, DeleteOptions? options, ListOptions? selected, CancellationToken ct) =>
        await _sender.SendAsync(new("DELETE", ResourcePath.Of(resource, ns) + ResourcePath.Query(selected), Body(options)), ct);

    private static ReadOnlyMemory<byte> Body(DeleteOptions? options) => options is null ? default : JsonText.Bytes(options);

    private static ApiRequest With(ApiRequest request, string accept) => request with { Headers = new Dictionary<string, string> { ["Accept"] = accept } };
}
