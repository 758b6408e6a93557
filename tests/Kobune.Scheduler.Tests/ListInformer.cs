using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.Scheduler.Tests;

/// <summary>An informer of what a test says there is; nothing changes.</summary>
internal sealed class ListInformer<T>(params T[] items) : IInformer<T>
    where T : class, IKubernetesObject<T>
{
    public ICache<T> Cache { get; } = new ListCache<T>(items);

    public ResourceDescriptor Resource => T.Resource;

    public bool IsWhole => true;

    public Task Synced => Task.CompletedTask;

    public bool HasSynced => true;

    public string? LastError => null;

    public ulong Revision => 0;

    public ObjectMeta? FindMetadata(ObjectKey key) => Cache.Find(key)?.Metadata;

    /// <summary>There is never anything to tell.</summary>
    public IDisposable Subscribe(Action<Change<T>> handler) => new Nothing();

    public IDisposable SubscribeMetadata(Action<ObjectKey, ObjectMeta?> handler) => throw new NotSupportedException();

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
