using Kobune.Api.Core.V1;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Plugins;

/// <summary>Keeps pods with scheduling gates out of the queue until the last gate is gone.</summary>
internal sealed class SchedulingGates : IPreEnqueuePlugin, IEnqueueExtensions
{
    public string Name => "SchedulingGates";

    public IReadOnlyList<EventHint> EventsToRegister { get; } = [new(EventResource.UnscheduledPod, ActionType.UpdatePodSchedulingGatesEliminated)];

    public Status? PreEnqueue(Pod pod) => pod.Spec.SchedulingGates.Count == 0
        ? null
        : Status.Unresolvable(Name, $"waiting for scheduling gates: [{string.Join(' ', pod.Spec.SchedulingGates.Select(gate => gate.Name))}]");
}
