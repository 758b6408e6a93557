using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.Client;

namespace Kobune.Kubelet.Sources;

/// <summary>One object that pods refer to, read and then watched by its name: what a node may see (kubelet/util/manager/watch_based_manager.go).</summary>
internal sealed class FollowedObject<T> : IFollowedObject
    where T : class, IKubernetesObject<T>
{
    /// <summary>The server's authorizer learns of a pod a moment after the kubelet did: the first refusals are not the last word.</summary>
    private const int PatientTries = 6;

    private readonly IClient _client;
    private readonly string _ns;
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly Action _changed;
    private readonly CancellationTokenSource _stop;
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile T? _value;

    internal FollowedObject(IClient client, string ns, string name, TimeProvider time, Action changed, CancellationToken ct)
    {
        (_client, _ns, _name, _time, _changed) = (client, ns, name, time, changed);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task = RunAsync(_stop.Token);
    }

    public Task Task { get; }

    /// <summary>The object, or null when it does not exist.</summary>
    /// <exception cref="ApiException">The server refuses to show it.</exception>
    internal async Task<T?> GetAsync(CancellationToken ct)
    {
        await _loaded.Task.WaitAsync(ct);
        return _value;
    }

    public void Stop() => _stop.Cancel();

    private async Task RunAsync(CancellationToken ct)
    {
        await Task.Yield();
        var pause = TimeSpan.FromMilliseconds(50);
        for (var tries = 1; !ct.IsCancellationRequested; tries++)
        {
            try
            {
                await FollowAsync(ct);
                (pause, tries) = (TimeSpan.FromMilliseconds(50), 0);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                if (tries >= PatientTries && _loaded.TrySetException(e))
                {
                    _ = _loaded.Task.Exception; // observed: nobody may be waiting
                    return; // the next who asks begins anew
                }
            }

            try
            {
                await Task.Delay(pause, _time, ct);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, TimeSpan.TicksPerSecond * 10));
        }

        _loaded.TrySetCanceled(ct);
        _stop.Dispose();
    }

    private async Task FollowAsync(CancellationToken ct)
    {
        Set(await ReadAsync(ct));
        _loaded.TrySetResult();

        // Without a revision a watch begins with the object as it is, so nothing between read and watch is missed.
        await foreach (var change in _client.WatchAsync<T>(_ns, new ListOptions { FieldSelector = "metadata.name=" + _name }, ct))
        {
            if (change.Type is WatchEventType.Added or WatchEventType.Modified)
            {
                Set(change.Object);
            }
            else if (change.Type == WatchEventType.Deleted)
            {
                Set(null);
            }
        }
    }

    private Task<T?> ReadAsync(CancellationToken ct) => _client.FindAsync<T>(_ns, _name, ct);

    private void Set(T? value)
    {
        var before = _value;
        _value = value;
        if (_loaded.Task.IsCompleted && before?.Metadata.ResourceVersion != value?.Metadata.ResourceVersion)
        {
            _changed();
        }
    }
}

/// <summary>A followed object of any kind.</summary>
internal interface IFollowedObject
{
    Task Task { get; }

    void Stop();
}
