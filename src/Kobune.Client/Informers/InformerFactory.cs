using Kobune.Api;
using Kobune.Client.Transport;
using Microsoft.Extensions.Logging;

namespace Kobune.Client.Informers;

/// <summary>
/// One informer per (kind, namespace, selectors), shared by all who ask. Ask first, then run: an informer asked for while the factory runs is
/// started at once.
/// </summary>
public sealed class InformerFactory(IClient client, TimeProvider time, ILoggerFactory loggers) : IComponent
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(Type Type, ReflectorOptions Options), IRunningInformer> _informers = [];
    private readonly List<Task> _running = [];
    private CancellationToken? _started;

    /// <summary>Ask servers for streaming lists; off by default, lists being cheaper in-process.</summary>
    public bool StreamingLists { get; init; }

    /// <inheritdoc/>
    public string Name => "informers";

    /// <summary>The shared informer of a kind.</summary>
    public IInformer<T> For<T>(string ns = "", string labelSelector = "", string fieldSelector = "")
        where T : class, IKubernetesObject<T>
    {
        var options = new ReflectorOptions { Namespace = ns, LabelSelector = labelSelector, FieldSelector = fieldSelector, StreamingList = StreamingLists };
        lock (_lock)
        {
            if (!_informers.TryGetValue((typeof(T), options), out var informer))
            {
                informer = new Informer<T>(client.Transport, options, time, loggers.CreateLogger("Kobune.Client.Informers." + T.Resource.Plural));
                _informers.Add((typeof(T), options), informer);
                if (_started is { } ct)
                {
                    _running.Add(informer.RunAsync(ct));
                }
            }

            return (IInformer<T>)informer;
        }
    }

    /// <summary>Runs all informers until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        lock (_lock)
        {
            _started = stop.Token;
            _running.AddRange(_informers.Values.Select(i => i.RunAsync(stop.Token)));
        }

        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (ct.Register(cancelled.SetResult))
        {
            await cancelled.Task;
        }

        Task[] running;
        lock (_lock)
        {
            _started = null;
            running = [.. _running];
            _running.Clear();
        }

        await Task.WhenAll(running);
    }

    /// <summary>Waits until every informer asked for so far has its first set.</summary>
    /// <exception cref="CacheSyncException">Not within the time; names the kind and the likely mistake.</exception>
    public async Task WaitForSyncAsync(TimeSpan timeout, CancellationToken ct)
    {
        IInformer[] informers;
        lock (_lock)
        {
            informers = [.. _informers.Values];
        }

        await CacheSync.WaitAsync(informers, timeout, time, ct);
    }
}
