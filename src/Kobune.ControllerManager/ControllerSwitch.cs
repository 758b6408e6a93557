using Kobune.Api.Clocks;

namespace Kobune.ControllerManager;

/// <summary>One controller's loop, which can be turned off and on again while the others run.</summary>
internal sealed class ControllerSwitch(string name, ControllerLoop loop, bool isOn) : IDisposable
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _on = isOn ? Done() : new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _stopped = Done();
    private CancellationTokenSource? _run;

    /// <summary>Upstream's name, "deployment-controller".</summary>
    public string Name => name;

    /// <summary>What the log says.</summary>
    public string ShortName => loop.Name;

    /// <summary>Runs the loop whenever it is on; ends as the loop ends by itself.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            await _on.Task.UntilAsync(ct);
            using var run = CancellationTokenSource.CreateLinkedTokenSource(ct);
            lock (_lock)
            {
                if (!_on.Task.IsCompleted)
                {
                    continue;
                }

                _run = run;
                _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            try
            {
                await loop.RunAsync(run.Token);
                if (!run.IsCancellationRequested || ct.IsCancellationRequested)
                {
                    return;
                }
            }
            catch (OperationCanceledException) when (run.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                // turned off
            }
            finally
            {
                lock (_lock)
                {
                    _run = null;
                    _stopped.TrySetResult();
                }
            }
        }
    }

    /// <summary>Turns it off; ends when its loop has.</summary>
    public async Task StopAsync()
    {
        CancellationTokenSource? run;
        Task stopped;
        lock (_lock)
        {
            if (_on.Task.IsCompleted)
            {
                _on = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            (run, stopped) = (_run, _stopped.Task);
        }

        if (run is not null)
        {
            await run.CancelHereAsync();
        }

        await stopped;
    }

    public void Start()
    {
        lock (_lock)
        {
            _on.TrySetResult();
        }
    }

    public void Dispose() => loop.Dispose();

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        done.SetResult();
        return done;
    }
}
