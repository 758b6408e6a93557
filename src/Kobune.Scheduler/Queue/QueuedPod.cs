using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Metrics;

namespace Kobune.Scheduler.Queue;

/// <summary>A pod that waits to be scheduled, with its history. The queue owns it; while it is in flight, the scheduling cycle.</summary>
internal sealed class QueuedPod(PodInfo info, DateTimeOffset now, long sequence)
{
    public PodInfo Info { get; set; } = info;

    public Pod Pod => Info.Pod;

    public string Uid => Info.Uid;

    /// <summary>Tells pods apart that came at the same instant.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>When it was put into the queue last.</summary>
    public DateTimeOffset QueuedAt { get; set; } = now;

    /// <summary>When it could be tried for the first time: what a gate took does not count.</summary>
    public DateTimeOffset? FirstActiveAt { get; set; }

    /// <summary>Measures the cycle that it is in.</summary>
    public CycleMeter? Meter { get; set; }

    /// <summary>Scheduling cycles so far.</summary>
    public int Attempts { get; set; }

    /// <summary>Cycles that found no place for it.</summary>
    public int UnschedulableCount { get; set; }

    /// <summary>Cycles in a row that failed on the way, not for want of a place.</summary>
    public int ErrorCount { get; set; }

    /// <summary>It is not tried before.</summary>
    public DateTimeOffset BackoffUntil { get; set; }

    /// <summary>Plugins that rejected it in the last cycle, or keep it out of the queue.</summary>
    public HashSet<string> Rejectors { get; } = new(StringComparer.Ordinal);

    /// <summary>It is tried again because it waited for long, not because something happened.</summary>
    public bool WasFlushed { get; set; }

    /// <summary>What its status was told last, which the caches need not show yet.</summary>
    public (string Reason, string Message, string? NominatedNodeName)? Told { get; set; }

    /// <summary>Ends when its status was told; whoever tells it something else, or binds it, waits for that.</summary>
    public Task Telling { get; set; } = Task.CompletedTask;

    /// <summary>A plugin keeps it from being tried at all.</summary>
    public bool IsGated { get; set; }
}
