using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.Client.Transport;

namespace Kobune.Client.Controllers;

/// <summary>A client whose writes are noted in the journal of a runner.</summary>
internal sealed class JournalingClient(IClient inner, WriteJournal journal) : IClient
{
    public ITransport Transport => inner.Transport;

    public Task<T> GetAsync<T>(string ns, string name, CancellationToken ct)
        where T : class, IKubernetesObject<T> => inner.GetAsync<T>(ns, name, ct);

    public Task<ObjectList<T>> ListAsync<T>(string ns, ListOptions? options, CancellationToken ct)
        where T : class, IKubernetesObject<T> => inner.ListAsync<T>(ns, options, ct);

    public Task<T> CreateAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T> => Noted(inner.CreateAsync(obj, ct));

    public Task<T> UpdateAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T> => Noted(inner.UpdateAsync(obj, ct));

    public Task<T> UpdateStatusAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T> => Noted(inner.UpdateStatusAsync(obj, ct));

    public Task<T> UpdateSubresourceAsync<T>(T obj, string subresource, CancellationToken ct)
        where T : class, IKubernetesObject<T> => Noted(inner.UpdateSubresourceAsync(obj, subresource, ct));

    public Task<T> PatchAsync<T>(string ns, string name, Patch patch, string? subresource, CancellationToken ct)
        where T : class, IKubernetesObject<T> => Noted(inner.PatchAsync<T>(ns, name, patch, subresource, ct));

    public async Task DeleteAsync<T>(string ns, string name, DeleteOptions? options, CancellationToken ct)
        where T : class, IKubernetesObject<T>
    {
        await inner.DeleteAsync<T>(ns, name, options, ct);
        journal.Deleted<T>(new(ns, name), options?.Preconditions?.Uid);
    }

    public Task<TResult> CreateSubresourceAsync<T, TBody, TResult>(string ns, string name, string subresource, TBody body, CancellationToken ct)
        where T : class, IKubernetesObject<T>
        where TBody : class, IJsonRecord<TBody>
        where TResult : class, IJsonRecord<TResult> => inner.CreateSubresourceAsync<T, TBody, TResult>(ns, name, subresource, body, ct);

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string ns, ListOptions? options, CancellationToken ct)
        where T : class, IKubernetesObject<T> => inner.WatchAsync<T>(ns, options, ct);

    private async Task<T> Noted<T>(Task<T> write)
        where T : class, IKubernetesObject<T>
    {
        var obj = await write;
        journal.Wrote(obj);
        return obj;
    }
}
