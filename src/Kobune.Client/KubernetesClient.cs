using System.Runtime.CompilerServices;
using System.Text.Json;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.Client.Transport;

namespace Kobune.Client;

/// <summary>The typed client over any transport. Answers that ask to come later (Retry-After) are retried as client-go does.</summary>
public sealed class KubernetesClient(ITransport transport, TimeProvider time) : IClient
{
    private readonly RetryingSender _sender = new(transport, time);

    /// <inheritdoc/>
    public ITransport Transport => transport;

    /// <inheritdoc/>
    public Task<T> GetAsync<T>(string ns, string name, CancellationToken ct)
        where T : class, IKubernetesObject<T> => ReadAsync<T>(new("GET", Path<T>(ns, name)), ct);

    /// <inheritdoc/>
    public async Task<ObjectList<T>> ListAsync<T>(string ns, ListOptions? options, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        var list = await _sender.ListAsync(new("GET", ResourcePath.Of(T.Resource, ns) + ResourcePath.Query(options)), ct);
        var items = new T[list.Items.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = list.Items[i].Read<T>();
        }

        return new(items, list.ResourceVersion, list.Continue);
    }

    /// <inheritdoc/>
    public Task<T> CreateAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T> =>
        ReadAsync<T>(new("POST", ResourcePath.Of(T.Resource, obj.Metadata.Namespace), JsonText.Bytes(obj)), ct);

    /// <inheritdoc/>
    public Task<T> UpdateAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T> =>
        ReadAsync<T>(new("PUT", Path<T>(obj.Metadata.Namespace, obj.Metadata.Name), JsonText.Bytes(obj)), ct);

    /// <inheritdoc/>
    public Task<T> UpdateStatusAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T> => UpdateSubresourceAsync(obj, "status", ct);

    /// <inheritdoc/>
    public Task<T> UpdateSubresourceAsync<T>(T obj, string subresource, CancellationToken ct)
        where T : class, IKubernetesObject<T> =>
        ReadAsync<T>(new("PUT", Path<T>(obj.Metadata.Namespace, obj.Metadata.Name, subresource), JsonText.Bytes(obj)), ct);

    /// <inheritdoc/>
    public Task<T> PatchAsync<T>(string ns, string name, Patch patch, string? subresource, CancellationToken ct)
        where T : class, IKubernetesObject<T> =>
        ReadAsync<T>(new("PATCH", Path<T>(ns, name, subresource), patch.Body, patch.ContentType), ct);

    /// <inheritdoc/>
    public async Task DeleteAsync<T>(string ns, string name, DeleteOptions? options, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        ReadOnlyMemory<byte> body = options is null ? default : JsonText.Bytes(options);
        await _sender.SendAsync(new("DELETE", Path<T>(ns, name), body), ct);
    }

    /// <inheritdoc/>
    public Task<TResult> CreateSubresourceAsync<T, TBody, TResult>(string ns, string name, string subresource, TBody body, CancellationToken ct)
        where T : class, IKubernetesObject<T>
        where TBody : class, IJsonRecord<TBody>
        where TResult : class, IJsonRecord<TResult> =>
        ReadAsync<TResult>(new("POST", Path<T>(ns, name, subresource), JsonText.Bytes(body)), ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string ns, ListOptions? options, [EnumeratorCancellation] CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        var request = new ApiRequest("GET", ResourcePath.Of(T.Resource, ns) + ResourcePath.Query(options, watch: true));
        await foreach (var change in transport.WatchAsync(request, ct))
        {
            if (change.Type == WatchEventType.Error)
            {
                throw new ApiException(ApiException.StatusOf(500, change.Object.Json.Span));
            }

            yield return new(change.Type, change.Object.Read<T>());
        }
    }

    private static string Path<T>(string ns, string name, string? subresource = null)
        where T : class, IKubernetesObject<T>
    {
        if (name.Length == 0)
        {
            throw new ArgumentException("resource name may not be empty", nameof(name)); // else the request would mean the collection
        }

        return ResourcePath.Of(T.Resource, ns, name, subresource);
    }

    private async Task<T> ReadAsync<T>(ApiRequest request, CancellationToken ct)
        where T : class, IJsonRecord<T>
    {
        var response = await _sender.SendAsync(request, ct);
        try
        {
            return response.Body.Read<T>();
        }
        catch (JsonException e)
        {
            throw new HttpRequestException($"{request.Method} {request.PathAndQuery}: the answer is not a {typeof(T).Name}: {e.Message}", e);
        }
    }
}
