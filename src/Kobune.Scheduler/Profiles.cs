using Kobune.Api.Core.V1;
using Kobune.Client.Events;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler;

/// <summary>One profile at work.</summary>
internal sealed record RunningProfile(SchedulingFramework Framework, SchedulingAlgorithm Algorithm, IEventRecorder Events);

/// <summary>The profiles by spec.schedulerName. They share queue, cache and snapshot.</summary>
internal sealed class Profiles(IReadOnlyDictionary<string, RunningProfile> profiles)
{
    /// <summary>Orders the queue; all profiles have the same.</summary>
    public IQueueSortPlugin QueueSort { get; } = profiles.Values.First().Framework.QueueSort;

    public bool Knows(Pod pod) => profiles.ContainsKey(pod.Spec.SchedulerName);

    /// <summary>The one of a pod in the queue; its scheduler's name never changes.</summary>
    public RunningProfile Of(Pod pod) => profiles[pod.Spec.SchedulerName];
}
