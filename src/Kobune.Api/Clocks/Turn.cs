namespace Kobune.Api.Clocks;

/// <summary>
/// Lets one at a time through, in the order of asking. Other than a SemaphoreSlim it comes back straight to the scheduler that waits, so that a scheduler which
/// counts its steps sees every one.
/// </summary>
public sealed class Turn
{
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private bool _isTaken;

    /// <summary>Waits for the turn; whoever got it gives it on with <see cref="Give"/>.</summary>
    public async Task TakeAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        TaskCompletionSource mine;
        lock (_lock)
        {
            if (!_isTaken)
            {
                _isTaken = true;
                return;
            }

            mine = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(mine);
        }

        using var cancelled = ct.Cancels(mine);
        await mine.Task;
    }

    /// <summary>The turn is over: the next one who still waits has it.</summary>
    public void Give()
    {
        lock (_lock)
        {
            while (_waiting.TryDequeue(out var next))
            {
                if (next.TrySetResult())
                {
                    return;
                }
            }

            _isTaken = false;
        }
    }
}
