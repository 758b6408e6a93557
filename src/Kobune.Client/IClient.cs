using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.Client.Transport;

namespace Kobune.Client;

/// <summary>
/// The typed door to an API server. A namespace of "" means all namespaces for lists and watches, and none for cluster-scoped kinds.
/// Every refusal is an <see cref="ApiException"/> that carries the server's Status.
/// </summary>
public interface IClient
{
    /// <summary>The way to the server, for requests that have no typed form here.</summary>
    ITransport Transport { get; }

    /// <summary>Reads one object, as fresh as the store.</summary>
    Task<T> GetAsync<T>(string ns, string name, CancellationToken ct)
        where T : class, IKubernetesObject<T>;

    /// <summary>Lists objects; one page when <see cref="ListOptions.Limit"/> is set.</summary>
    Task<ObjectList<T>> ListAsync<T>(string ns, ListOptions? options, CancellationToken ct)
        where T : class, IKubernetesObject<T>;

    /// <summary>Creates an object in the namespace of its metadata and returns what was stored.</summary>
    Task<T> CreateAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T>;

    /// <summary>Replaces an object; its resourceVersion, when set, must be the current one.</summary>
    Task<T> UpdateAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T>;

    /// <summary>Replaces the status subresource.</summary>
    Task<T> UpdateStatusAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T>;

    /// <summary>Replaces another subresource that takes the whole object: finalize.</summary>
    Task<T> UpdateSubresourceAsync<T>(T obj, string subresource, CancellationToken ct)
        where T : class, IKubernetesObject<T>;

    /// <summary>Patches an object, or one of its subresources.</summary>
    Task<T> PatchAsync<T>(string ns, string name, Patch patch, string? subresource, CancellationToken ct)
        where T : class, IKubernetesObject<T>;

    /// <summary>Deletes one object; it may stay for its grace period or its finalizers.</summary>
    Task DeleteAsync<T>(string ns, string name, DeleteOptions? options, CancellationToken ct)
        where T : class, IKubernetesObject<T>;

    /// <summary>Posts to a subresource of an object: binding, token, eviction.</summary>
    Task<TResult> CreateSubresourceAsync<T, TBody, TResult>(string ns, string name, string subresource, TBody body, CancellationToken ct)
        where T : class, IKubernetesObject<T>
        where TBody : class, IJsonRecord<TBody>
        where TResult : class, IJsonRecord<TResult>;

    /// <summary>One watch, without recovery: ends when the server ends it. Informers are the lasting form.</summary>
    /// <exception cref="ApiException">An ERROR event, or a refusal before the first event.</exception>
    IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string ns, ListOptions? options, CancellationToken ct)
        where T : class, IKubernetesObject<T>;
}
