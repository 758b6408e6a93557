using System.Collections.Concurrent;

namespace Kobune.Dns.Listeners;

/// <summary>Tasks that a listener has started and waits for when it ends. They never fault: each handles its own failure.</summary>
internal sealed class PendingAnswers
{
    private readonly ConcurrentDictionary<Task, bool> _tasks = new();

    public int Count => _tasks.Count;

    public void Add(Task task)
    {
        _tasks[task] = true;
        _ = task.ContinueWith(static (done, tasks) => ((ConcurrentDictionary<Task, bool>)tasks!).TryRemove(done, out _), _tasks, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public Task DrainAsync() => Task.WhenAll(_tasks.Keys);
}
