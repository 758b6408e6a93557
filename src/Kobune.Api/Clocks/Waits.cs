namespace Kobune.Api.Clocks;

/// <summary>
/// Waiting for tasks that somebody else completes, with an end. Other than Task.WaitAsync it comes back straight to the scheduler that it was begun on, without
/// a step on the thread pool between, so that a scheduler which counts its steps sees every one.
/// </summary>
public static class Waits
{
    /// <summary>Waits for a task; only the wait is cancelled.</summary>
    public static Task UntilAsync(this Task task, CancellationToken ct) => UntilAllAsync([task], Timeout.InfiniteTimeSpan, TimeProvider.System, ct);

    /// <summary>Waits for all tasks.</summary>
    /// <exception cref="TimeoutException">Not within the time.</exception>
    public static async Task UntilAllAsync(IReadOnlyCollection<Task> tasks, TimeSpan patience, TimeProvider time, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(time);
        if (!tasks.All(t => t.IsCompleted))
        {
            ct.ThrowIfCancellationRequested();
            var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var cancelled = ct.Cancels(end);
            await using var timer = patience == Timeout.InfiniteTimeSpan
                ? null
                : time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetException(new TimeoutException()), end, patience, Timeout.InfiniteTimeSpan);
            _ = FollowAsync(tasks, end);
            await end.Task;
        }

        foreach (var task in tasks)
        {
            await task;
        }
    }

    /// <summary>Cancels as <see cref="CancellationTokenSource.CancelAsync"/> does, but on the scheduler that it is called on and not on the thread pool.</summary>
    public static Task CancelHereAsync(this CancellationTokenSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Task.Factory.StartNew(source.Cancel, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current);
    }

    private static async Task FollowAsync(IReadOnlyCollection<Task> tasks, TaskCompletionSource end)
    {
        foreach (var task in tasks)
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        end.TrySetResult();
    }
}
