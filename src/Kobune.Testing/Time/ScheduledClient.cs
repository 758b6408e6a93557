using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Transport;

namespace Kobune.Testing.Time;

/// <summary>The test's client of a cluster with a clock of its own: whole calls, their retries included, run inside of the cluster.</summary>
internal sealed class ScheduledClient(IClient inner, TestClock clock) : IClient
{
    private readonly KubernetesClient _outside = new(new ScheduledTransport(inner.Transport, clock), clock);

    public ITransport Transport => _outside.Transport;

    public Task<T> GetAsync<T>(string ns, string name, CancellationToken ct)
        where T : class, IKubernetesObject<T> => clock.CompleteAsync(() => inner.GetAsync<T>(ns, name, ct), ct);

    public Task<ObjectList<T>> ListAsync<T>(string ns, ListOptions? options, CancellationToken ct)
        where T : class, IKubernetesObject<T> => clock.CompleteAsync(() => inner.ListAsync<T>(ns, options, ct), ct);

    public Task<T> CreateAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T> => clock.CompleteAsync(() => inner.CreateAsync(obj, ct), ct);

    public Task<T> UpdateAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T> => clock.CompleteAsync(() => inner.UpdateAsync(obj, ct), ct);

    public Task<T> UpdateStatusAsync<T>(T obj, CancellationToken ct)
        where T : class, IKubernetesObject<T> => clock.CompleteAsync(() => inner.UpdateStatusAsync(obj, ct), ct);

    public Task<T> UpdateSubresourceAsync<T>(T obj, string subresource, CancellationToken ct)
        where T : class, IKubernetesObject<T> => clock.CompleteAsync(() => inner.UpdateSubresourceAsync(obj, subresource, ct), ct);

    public Task<T> PatchAsync<T>(string ns, string name, Kobune.Client.Patch patch, string? subresource, CancellationToken ct)
        where T : class, IKubernetesObject<T> => clock.CompleteAsync(() => inner.PatchAsync<T>(ns, name, patch, subresource, ct), ct);

    public Task DeleteAsync<T>(string ns, string name, DeleteOptions? options, CancellationToken ct)
        where T : class, IKubernetesObject<T> => clock.CompleteAsync(
            async () =>
            {
                await inner.DeleteAsync<T>(ns, name, options, ct);
                return true;
            },
            ct);

    public Task<TResult> CreateSubresourceAsync<T, TBody, TResult>(string ns, string name, string subresource, TBody body, CancellationToken ct)
        where T : class, IKubernetesObject<T>
        where TBody : class, IJsonRecord<TBody>
        where TResult : class, IJsonRecord<TResult> =>
        clock.CompleteAsync(() => inner.CreateSubresourceAsync<T, TBody, TResult>(ns, name, subresource, body, ct), ct);

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string ns, ListOptions? options, CancellationToken ct)
        where T : class, IKubernetesObject<T> => _outside.WatchAsync<T>(ns, options, ct);
}
