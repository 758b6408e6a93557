using Kobune.Api.Clocks;
using Kobune.Client;
using Microsoft.Extensions.Logging;

namespace Kobune.ControlPlane.Hosting;

/// <summary>One component's loop with its back-off.</summary>
internal sealed partial class SupervisedComponent(IComponent component, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(1);
    private readonly CancellationTokenSource _stop = new();
    private volatile ComponentStatus _status = new(component.Name, ComponentState.Running, 0, "");
    private readonly Lock _lock = new();
    private Task _run = Task.CompletedTask;
    private Task? _end;

    public ComponentStatus Status => _status;

    public IComponent Component => component;

    public void Start() => _run =
        Task.Factory.StartNew(() => SuperviseAsync(_stop.Token), CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current).Unwrap();

    /// <summary>Stops it; a second caller waits for the same end.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            return new(_end ??= EndAsync());
        }
    }

    private async Task EndAsync()
    {
        await _stop.CancelHereAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task SuperviseAsync(CancellationToken ct)
    {
        var pause = FirstPause;
        while (!ct.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            var error = await RunOnceAsync(ct);
            if (ct.IsCancellationRequested)
            {
                break;
            }

            pause = time.GetElapsedTime(started) >= Healthy ? FirstPause : pause;
            _status = _status with { State = ComponentState.BackingOff, LastError = error?.Message ?? "its loop ended" };
            LogFault(component.Name, pause, error);
            try
            {
                await Task.Delay(pause, time, ct);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            _status = _status with { State = ComponentState.Running, Restarts = _status.Restarts + 1 };
        }

        _status = _status with { State = ComponentState.Stopped };
    }

    private async Task<Exception?> RunOnceAsync(CancellationToken ct)
    {
        try
        {
            await component.RunAsync(ct);
            return null;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return null; // a normal end
        }
        catch (Exception e)
        {
            return e;
        }
    }

    [LoggerMessage(LogLevel.Error, "{Component} ended and starts again in {Pause}")]
    private partial void LogFault(string component, TimeSpan pause, Exception? error);
}
