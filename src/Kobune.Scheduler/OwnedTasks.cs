using Kobune.Api.Clocks;

namespace Kobune.Scheduler;

/// <summary>Tasks that run beside their owner and have ended before it does.</summary>
internal sealed class OwnedTasks
{
    private readonly Lock _lock = new();
    private int _running;
    private TaskCompletionSource? _ended;

    /// <summary>Starts work that handles its own failures.</summary>
    public void Run(Func<Task> work)
    {
        lock (_lock)
        {
            _running++;
        }

        _ = Task.Factory.StartNew(async () =>
        {
            try
            {
                await work();
            }
            finally
            {
                End();
            }
        }, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current);
    }

    /// <summary>Waits until fewer than a number are running.</summary>
    public async Task WaitForRoomAsync(int most, CancellationToken ct)
    {
        while (NextEnd(most) is { } ended)
        {
            await ended.UntilAsync(ct);
        }
    }

    public Task WaitForAllAsync() => WaitForRoomAsync(1, CancellationToken.None);

    /// <summary>The end of any task, or null when there is room already.</summary>
    private Task? NextEnd(int most)
    {
        lock (_lock)
        {
            return _running < most ? null : (_ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private void End()
    {
        lock (_lock)
        {
            _running--;
            _ended?.SetResult();
            _ended = null;
        }
    }
}
