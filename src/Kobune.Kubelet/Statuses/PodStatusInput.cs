using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Pods;
using Kobune.Kubelet.Resizes;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Statuses;

/// <summary>Everything that a pod's status is computed from.</summary>
internal sealed record PodStatusInput(Pod Pod, PodStatus Old, PodRuntimeStatus Runtime, StartErrors Errors, IProbeResults Probes, DateTimeOffset Now)
{
    internal IReadOnlyList<string> HostIPs { get; init; } = [];

    /// <summary>Whether the condition PodReadyToStartContainers is shown (a feature of its name).</summary>
    internal bool ShowsReadyToStart { get; init; } = true;

    /// <summary>The pod ends: nothing of it is started again.</summary>
    internal bool Terminating { get; init; }

    /// <summary>The pod has ended: nothing of it runs any more.</summary>
    internal bool Terminated { get; init; }

    /// <summary>Reason and message when the kubelet itself fails the pod (Evicted, DeadlineExceeded, OutOfcpu).</summary>
    internal (string Reason, string Message)? Failure { get; init; }

    /// <summary>What the containers really have, as far as the kubelet knows.</summary>
    internal PodAllocation? Actuated { get; init; }

    /// <summary>PodResizePending and PodResizeInProgress, those that hold.</summary>
    internal IReadOnlyList<PodCondition> Resizes { get; init; } = [];

    /// <summary>Whether a rule restarts all containers, or is at it.</summary>
    internal bool RestartsAll => !Terminating && WholeRestart.IsDue(Pod, Runtime, Old);

    /// <summary>Reads the message that a container left on exit.</summary>
    internal Func<RuntimeContainer, string> TerminationMessage { get; init; } = run => run.Message;
}
