using Kobune.Api;
using Kobune.Client.Informers;
using Kobune.Client.Metrics;
using Microsoft.Extensions.Logging;

namespace Kobune.Client.Controllers;

/// <summary>Settings of a runner.</summary>
public sealed record ReconcilerOptions
{
    /// <summary>Keys that are worked on at the same time. Upstream's controllers use 5.</summary>
    public int Workers { get; init; } = 5;

    /// <summary>How long the first sets of the caches may take.</summary>
    public TimeSpan SyncTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Back-off of failing keys.</summary>
    public BackoffOptions Backoff { get; init; } = new();

    /// <summary>Where the queue's keys are counted; null for nowhere.</summary>
    public WorkQueueMetrics? Metrics { get; init; }

    /// <summary>Told each time a key is due and rests, for a cache does not show yet what it wrote: of what resource that is.</summary>
    public Action<ResourceDescriptor>? Skipped { get; init; }

    /// <summary>The queue's name in the metrics, "replicaset"; null for the runner's own.</summary>
    public string? QueueName { get; init; }
}

/// <summary>
/// Runs a reconciler: n workers, a key never twice at once, failures with back-off, and a key rests until the caches show what it last wrote.
/// Build it in this order: make it, take its client, watch, set the reconciler, run.
/// </summary>
public sealed partial class ReconcilerRunner : IComponent, IDisposable
{
    private readonly ReconcilerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WriteJournal _journal = new();
    private readonly HeldKeys _held;
    private readonly List<IInformer> _informers = [];
    private readonly List<IDisposable> _subscriptions = [];
    private readonly List<Action> _subscribe = [];

    /// <summary>A runner without a reconciler yet.</summary>
    public ReconcilerRunner(string name, ReconcilerOptions options, TimeProvider time, ILogger logger)
    {
        Name = name;
        _options = options;
        _time = time;
        _logger = logger;
        Queue = new(time, options.Backoff, meter: options.Metrics is { } metrics ? state => metrics.Of(options.QueueName ?? name, state) : null, deferred: options.Skipped is null ? null : Deferred);
        _held = new(time, Queue.Done);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The keys.</summary>
    public WorkQueue<ObjectKey> Queue { get; }

    /// <summary>What is run. Set before <see cref="RunAsync"/>.</summary>
    public IReconciler? Reconciler { get; set; }

    /// <summary>Whether nothing waits, is worked on or is held.</summary>
    public bool IsIdle => Queue.IsIdle;

    /// <summary>A client whose writes this runner remembers. The reconciler must write through it.</summary>
    public IClient Track(IClient client) => new JournalingClient(client, _journal);

    /// <summary>Each change of an object enqueues the object's own key.</summary>
    public ReconcilerRunner For<T>(IInformer<T> informer, Func<T, bool>? where = null)
        where T : class, IKubernetesObject<T> => On(informer, change =>
        {
            if (where is null || where(change.Object))
            {
                Queue.Add(change.Key);
            }
        });

    /// <summary>Each change of an object enqueues the controller that owns it (before and after the change), where that is of this kind.</summary>
    public ReconcilerRunner Owns<T>(IInformer<T> informer, string ownerKind)
        where T : class, IKubernetesObject<T> => On(informer, change =>
        {
            if (change.New?.ControllerRef() is { } owner && owner.Kind == ownerKind)
            {
                Queue.Add(new(change.Key.Namespace, owner.Name));
            }

            if (change.Old?.ControllerRef() is { } before && before.Kind == ownerKind)
            {
                Queue.Add(new(change.Key.Namespace, before.Name));
            }
        });

    /// <summary>Each change of an object enqueues the keys that it means, of the object before and after.</summary>
    public ReconcilerRunner Watches<T>(IInformer<T> informer, Func<T, IEnumerable<ObjectKey>> keys)
        where T : class, IKubernetesObject<T> => On(informer, change =>
        {
            Enqueue(change.Old, keys);
            Enqueue(change.New, keys);
        });

    /// <summary>Calls back for each change of an object; the callback enqueues.</summary>
    public ReconcilerRunner On<T>(IInformer<T> informer, Action<Change<T>> handler)
        where T : class, IKubernetesObject<T>
    {
        Use(informer);
        _subscribe.Add(() => _subscriptions.Add(informer.Subscribe(handler)));
        return this;
    }

    /// <summary>The reconciler reads this cache: it is synced first, and the runner waits for its own writes in it.</summary>
    public ReconcilerRunner Use(IInformer informer)
    {
        if (!_informers.Contains(informer))
        {
            _informers.Add(informer);
            _journal.Observe(informer);
            _subscribe.Add(() => _subscriptions.Add(informer.SubscribeMetadata((key, _) => _held.Changed(informer, key))));
        }

        return this;
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        var reconciler = Reconciler ?? throw new InvalidOperationException($"The runner {Name} has no reconciler.");
        try
        {
            await CacheSync.WaitAsync(_informers, _options.SyncTimeout, _time, ct);
            _subscribe.ForEach(subscribe => subscribe());
            await Task.WhenAll(Enumerable.Range(0, _options.Workers).Select(_ => WorkAsync(reconciler, ct)));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The normal end.
        }
        finally
        {
            _subscriptions.ForEach(s => s.Dispose());
            _subscriptions.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _held.Dispose();
        Queue.Dispose();
    }

    private async Task WorkAsync(IReconciler reconciler, CancellationToken ct)
    {
        await Task.Yield(); // a queue that is full must not run the first worker inside the caller
        while (true)
        {
            await StepAsync(reconciler, await Queue.TakeAsync(ct), ct);
        }
    }

    private async Task StepAsync(IReconciler reconciler, ObjectKey key, CancellationToken ct)
    {
        var writes = _journal.Begin();
        try
        {
            var result = await reconciler.ReconcileAsync(key, ct);
            Queue.Forget(key);
            if (result.Delay is { } delay)
            {
                Queue.AddAfter(key, delay);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            Queue.Done(key);
            throw;
        }
        catch (TerminalException e)
        {
            LogTerminal(Name, key, e.Message);
            Queue.Forget(key);
        }
        catch (ApiException e) when (e.IsConflict || e.IsNamespaceTerminating)
        {
            LogLostRace(Name, key, e.Message); // the next look sees the newer world
            Queue.AddRateLimited(key);
        }
        catch (Exception e)
        {
            LogFailed(Name, key, Queue.Failures(key) + 1, e);
            Queue.AddRateLimited(key);
        }

        if (!_held.Hold(key, writes))
        {
            Queue.Done(key);
        }
        else if (_options.Skipped is not null && Queue.IsWaiting(key))
        {
            Deferred(key); // it was added before it was held
        }
    }

    private void Deferred(ObjectKey key)
    {
        if (_held.Skip(key) is { } resource)
        {
            _options.Skipped?.Invoke(resource);
        }
    }

    private void Enqueue<T>(T? obj, Func<T, IEnumerable<ObjectKey>> keys)
        where T : class
    {
        if (obj is null)
        {
            return;
        }

        foreach (var key in keys(obj))
        {
            Queue.Add(key);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Controller}: {Key} failed and comes again (failure {Failures})")]
    private partial void LogFailed(string controller, ObjectKey key, int failures, Exception error);

    [LoggerMessage(LogLevel.Debug, "{Controller}: {Key} lost a race and comes again: {Error}")]
    private partial void LogLostRace(string controller, ObjectKey key, string error);

    [LoggerMessage(LogLevel.Warning, "{Controller}: {Key} cannot succeed until something changes: {Error}")]
    private partial void LogTerminal(string controller, ObjectKey key, string error);
}
