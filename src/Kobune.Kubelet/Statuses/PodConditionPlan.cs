using Kobune.Api.Containers;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Statuses;

/// <summary>The conditions that the kubelet owns (kubelet/status/generate.go). Others are kept as they are.</summary>
internal static class PodConditionPlan
{
    internal const string ReadyToStart = "PodReadyToStartContainers";

    /// <summary>Conditions that are there only while they hold.</summary>
    internal static readonly string[] Resizes = ["PodResizePending", "PodResizeInProgress"];

    internal static readonly string[] Owned = [ReadyToStart, "Initialized", "Ready", "ContainersReady", RestartRules.Restarting, .. Resizes];

    internal static IReadOnlyList<PodCondition> Compute(PodStatusInput input, string phase, IReadOnlyList<ContainerStatus> init, IReadOnlyList<ContainerStatus> containers)
    {
        var pod = input.Pod;
        var containersReady = ContainersReady(pod, phase, init, containers);
        PodCondition[] toStart = input.ShowsReadyToStart
            ? [new() { Type = ReadyToStart, Status = Text(!input.Terminated && input.Runtime.ReadySandbox is not null && (pod.Spec.HostNetwork || input.Runtime.IPs.Count > 0)) }]
            : [];
        List<PodCondition> own =
        [
            .. toStart,
            Initialized(pod, phase, init, containers),
            Ready(input, phase, containersReady),
            containersReady,
            .. RestartRules.MayRestartAll(pod) ? [Restarting(input, phase)] : Array.Empty<PodCondition>(),
        ];
        var foreign = input.Pod.Status.Conditions.Where(c => !Owned.Contains(c.Type)).ToList();
        if (foreign.All(c => c.Type != "PodScheduled"))
        {
            own.Add(new() { Type = "PodScheduled", Status = "True" }); // a static pod met no scheduler
        }

        return [.. own.Select(c => Dated(c, input)), .. input.Resizes, .. foreign];
    }

    /// <summary>True while the containers are taken away; the pod begins anew when none is left.</summary>
    private static PodCondition Restarting(PodStatusInput input, string phase) => phase switch
    {
        PodPhase.Succeeded => Terminal(RestartRules.Restarting, "PodCompleted"),
        PodPhase.Failed => Terminal(RestartRules.Restarting, "PodFailed"),
        _ when input.RestartsAll && !WholeRestart.IsCleanedUp(input.Pod, input.Runtime) =>
            new() { Type = RestartRules.Restarting, Status = "True", Reason = "RestartAllContainersStarted", Message = "container exited with restart policy rule" },
        _ => Terminal(RestartRules.Restarting, ""),
    };

    private static PodCondition Initialized(Pod pod, string phase, IReadOnlyList<ContainerStatus> init, IReadOnlyList<ContainerStatus> containers)
    {
        List<string> unknown = [], incomplete = [];
        foreach (var container in pod.Spec.InitContainers)
        {
            var status = init.FirstOrDefault(s => s.Name == container.Name);
            if (status is null)
            {
                unknown.Add(container.Name);
            }
            else if (PodContainers.IsSidecar(container) ? status.Started != true : !status.Ready)
            {
                incomplete.Add(container.Name);
            }
        }

        if (phase == PodPhase.Succeeded && unknown.Count == 0)
        {
            return new() { Type = "Initialized", Status = "True", Reason = "PodCompleted" };
        }

        var began = containers.Any(c => c.State.Running is not null || c.LastTerminationState.Terminated is not null);
        return began || (unknown.Count == 0 && incomplete.Count == 0) ? new() { Type = "Initialized", Status = "True" }
            : new() { Type = "Initialized", Status = "False", Reason = "ContainersNotInitialized", Message = Message(unknown, incomplete, "incomplete") };
    }

    private static PodCondition ContainersReady(Pod pod, string phase, IReadOnlyList<ContainerStatus> init, IReadOnlyList<ContainerStatus> containers)
    {
        List<string> unknown = [], unready = [];
        foreach (var container in pod.Spec.InitContainers.Where(PodContainers.IsSidecar).Concat(pod.Spec.Containers))
        {
            var status = init.Concat(containers).FirstOrDefault(s => s.Name == container.Name);
            if (status is null)
            {
                unknown.Add(container.Name);
            }
            else if (!status.Ready)
            {
                unready.Add(container.Name);
            }
        }

        if (phase == PodPhase.Succeeded && unknown.Count == 0)
        {
            return Terminal("ContainersReady", "PodCompleted");
        }

        if (phase == PodPhase.Failed)
        {
            return Terminal("ContainersReady", "PodFailed");
        }

        return unknown.Count == 0 && unready.Count == 0 ? new() { Type = "ContainersReady", Status = "True" }
            : new() { Type = "ContainersReady", Status = "False", Reason = "ContainersNotReady", Message = Message(unknown, unready, "unready") };
    }

    private static PodCondition Ready(PodStatusInput input, string phase, PodCondition containersReady)
    {
        if (containersReady.Status != "True")
        {
            return phase is PodPhase.Succeeded or PodPhase.Failed ? Terminal("Ready", containersReady.Reason) : containersReady with { Type = "Ready" };
        }

        var messages = new List<string>();
        foreach (var gate in input.Pod.Spec.ReadinessGates)
        {
            var condition = input.Pod.Status.Conditions.FirstOrDefault(c => c.Type == gate.ConditionType);
            if (condition is null)
            {
                messages.Add($"corresponding condition of pod readiness gate \"{gate.ConditionType}\" does not exist.");
            }
            else if (condition.Status != "True")
            {
                messages.Add($"the status of pod readiness gate \"{gate.ConditionType}\" is not \"True\", but {condition.Status}");
            }
        }

        return messages.Count == 0 ? new() { Type = "Ready", Status = "True" }
            : new() { Type = "Ready", Status = "False", Reason = "ReadinessGatesNotReady", Message = string.Join(", ", messages) };
    }

    private static PodCondition Terminal(string type, string reason) => new() { Type = type, Status = "False", Reason = reason };

    private static string Message(List<string> unknown, List<string> others, string what)
    {
        var parts = new List<string>();
        if (unknown.Count > 0)
        {
            parts.Add($"containers with unknown status: [{string.Join(' ', unknown)}]");
        }

        if (others.Count > 0)
        {
            parts.Add($"containers with {what} status: [{string.Join(' ', others)}]");
        }

        return string.Join(", ", parts);
    }

    /// <summary>The time of the last change of the status value.</summary>
    private static PodCondition Dated(PodCondition condition, PodStatusInput input)
    {
        var old = input.Old.Conditions.FirstOrDefault(c => c.Type == condition.Type);
        return condition with
        {
            ObservedGeneration = input.Pod.Metadata.Generation,
            LastTransitionTime = old?.Status == condition.Status && old.LastTransitionTime is not null ? old.LastTransitionTime
                : new DateTimeOffset(input.Now.Ticks - (input.Now.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero),
        };
    }

    private static string Text(bool value) => value ? "True" : "False";
}
