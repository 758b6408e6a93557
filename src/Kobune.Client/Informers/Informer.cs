using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.Client.Transport;
using Microsoft.Extensions.Logging;

namespace Kobune.Client.Informers;

/// <summary>A reflector with a cache behind it.</summary>
internal sealed partial class Informer<T> : IInformer<T>, IReflectorSink<T>, IRunningInformer
    where T : class, IKubernetesObject<T>
{
    private readonly Cache<T> _cache = new();
    private readonly Lock _dispatch = new(); // held while the cache changes and handlers are told, so that a new subscriber misses nothing and sees nothing twice
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReflectorOptions _options;
    private readonly Reflector<T> _reflector;
    private readonly ILogger _logger;
    private Action<Change<T>>[] _handlers = [];
    private volatile string? _lastError;

    public Informer(ITransport transport, ReflectorOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _reflector = new(transport, T.Resource, options, this, time, logger);
    }

    public ICache<T> Cache => _cache;

    public ResourceDescriptor Resource => T.Resource;

    public bool IsWhole => _options.Namespace.Length + _options.LabelSelector.Length + _options.FieldSelector.Length == 0;

    public Task Synced => _synced.Task;

    public bool HasSynced => _synced.Task.IsCompletedSuccessfully;

    public string? LastError => _lastError;

    public ulong Revision => _cache.Revision;

    public ObjectMeta? FindMetadata(ObjectKey key) => _cache.Find(key.Namespace, key.Name)?.Metadata;

    public Task RunAsync(CancellationToken ct) => _reflector.RunAsync(ct);

    public IDisposable Subscribe(Action<Change<T>> handler)
    {
        lock (_dispatch)
        {
            foreach (var item in _cache.List())
            {
                Call(handler, new(ChangeKind.Added, null, item));
            }

            _handlers = [.. _handlers, handler];
        }

        return new Subscription(this, handler);
    }

    public IDisposable SubscribeMetadata(Action<ObjectKey, ObjectMeta?> handler) =>
        Subscribe(change => handler(change.Key, change.New?.Metadata));

    void IReflectorSink<T>.Replace(IReadOnlyList<T> items, ulong revision)
    {
        lock (_dispatch)
        {
            foreach (var change in _cache.Replace(items, revision))
            {
                Notify(change);
            }
        }

        _lastError = null;
        _synced.TrySetResult();
    }

    void IReflectorSink<T>.Set(T item)
    {
        lock (_dispatch)
        {
            if (_cache.Set(item) is { } change)
            {
                Notify(change);
            }
        }
    }

    void IReflectorSink<T>.Delete(T item)
    {
        lock (_dispatch)
        {
            if (_cache.Delete(item) is { } change)
            {
                Notify(change);
            }
        }
    }

    void IReflectorSink<T>.Progress(ulong revision) => _cache.Progress(revision);

    void IReflectorSink<T>.Failed(string error) => _lastError = error;

    private void Notify(Change<T> change)
    {
        foreach (var handler in _handlers)
        {
            Call(handler, change);
        }
    }

    private void Call(Action<Change<T>> handler, Change<T> change)
    {
        try
        {
            handler(change);
        }
        catch (Exception e)
        {
            LogHandlerFailed(T.Resource.Plural, change.Key, e); // one subscriber's fault is not the others' loss
        }
    }

    private void Unsubscribe(Action<Change<T>> handler)
    {
        lock (_dispatch)
        {
            var index = Array.IndexOf(_handlers, handler);
            if (index >= 0)
            {
                _handlers = [.. _handlers[..index], .. _handlers[(index + 1)..]];
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "A handler of {Resource} failed on {Key}")]
    private partial void LogHandlerFailed(string resource, ObjectKey key, Exception error);

    private sealed class Subscription(Informer<T> informer, Action<Change<T>> handler) : IDisposable
    {
        public void Dispose() => informer.Unsubscribe(handler);
    }
}
