using System.Collections.Concurrent;
using Kobune.ApiServer.Requests;

namespace Kobune.Testing.Time;

/// <summary>
/// Runs everything that happens inside of one cluster, one step after the other in the order in which the steps became ready. So what can still happen
/// without time passing is counted exactly (a key in a queue, an event on its way, a call that goes on: each is a task that waits here), and the
/// same run can be had twice. Components know nothing of it: what they await comes back to the scheduler that they were started on.
/// </summary>
internal sealed class ClusterScheduler : TaskScheduler
{
    private readonly Lock _lock = new();
    private readonly Queue<Task> _ready = new();
    private readonly List<TaskCompletionSource> _waiters = [];
    private readonly List<TaskCompletionSource> _idlers = [];
    private int _outside;
    private bool _isPumping;
    private volatile int _thread;

    /// <summary>Calls that did not run here.</summary>
    public ConcurrentBag<string> Strays { get; } = [];

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Starts work on this scheduler.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    /// <summary>Starts work on this scheduler.</summary>
    public Task RunAsync(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    /// <summary>Does something on this scheduler, some time.</summary>
    public void Post(Action work) => _ = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);

    /// <summary>Ends when nothing is ready, nothing runs and no call is outside of the process.</summary>
    public Task QuietAsync(CancellationToken ct)
    {
        lock (_lock)
        {
            return _isPumping || _outside > 0 ? Wait(_waiters, ct) : Task.CompletedTask;
        }
    }

    /// <summary>Ends when nothing is ready and nothing runs; a call outside of the process, which the test itself may have to answer, is not waited for.</summary>
    public Task IdleAsync(CancellationToken ct)
    {
        lock (_lock)
        {
            return _isPumping ? Wait(_idlers, ct) : Task.CompletedTask;
        }
    }

    /// <summary>Notes calls of components that come from elsewhere: they would not be counted. There must be none.</summary>
    public void Observe(ApiCall call)
    {
        if (call.Http is null && Current != this)
        {
            Strays.Add($"{call.Method} {call.Path} of {call.User?.Name}{Environment.NewLine}{Environment.StackTrace}");
        }
    }

    /// <summary>A call leaves the process: it has all the time that it takes in the real world.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _outside++;
        }
    }

    /// <summary>A call has come back.</summary>
    public void Return()
    {
        TaskCompletionSource[] quiet = [];
        lock (_lock)
        {
            if (--_outside == 0 && !_isPumping)
            {
                quiet = Take(_waiters);
            }
        }

        Tell(quiet);
    }

    /// <inheritdoc/>
    protected override void QueueTask(Task task)
    {
        lock (_lock)
        {
            _ready.Enqueue(task);
            if (_isPumping)
            {
                return;
            }

            _isPumping = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static scheduler => scheduler.Pump(), this, preferLocal: false);
    }

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && _thread == Environment.CurrentManagedThreadId && TryExecuteTask(task);

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_lock)
        {
            return [.. _ready];
        }
    }

    private static Task Wait(List<TaskCompletionSource> waiters, CancellationToken ct)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waiters.Add(waiter);
        return waiter.Task.WaitAsync(ct);
    }

    private static void Tell(TaskCompletionSource[] waiters)
    {
        foreach (var waiter in waiters)
        {
            waiter.SetResult();
        }
    }

    private void Pump()
    {
        _thread = Environment.CurrentManagedThreadId;
        TaskCompletionSource[] quiet;
        while (true)
        {
            Task? next;
            lock (_lock)
            {
                if (!_ready.TryDequeue(out next))
                {
                    _thread = 0;
                    _isPumping = false;
                    quiet = [.. Take(_idlers), .. _outside == 0 ? Take(_waiters) : []];
                    break;
                }
            }

            TryExecuteTask(next);
        }

        Tell(quiet);
    }

    private static TaskCompletionSource[] Take(List<TaskCompletionSource> waiters)
    {
        TaskCompletionSource[] all = [.. waiters];
        waiters.Clear();
        return all;
    }
}
