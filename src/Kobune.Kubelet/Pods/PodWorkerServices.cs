using Kobune.Kubelet.Probes;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Events;
using Kobune.Kubelet.Resizes;
using Kobune.Kubelet.Statuses;

namespace Kobune.Kubelet.Pods;

/// <summary>What all pod workers of a kubelet share.</summary>
internal sealed record PodWorkerServices(
    PodRuntimeReader Reader,
    PodSyncer Syncer,
    PodKiller Killer,
    PodCleaner Cleaner,
    ProbeManager Probes,
    StatusManager Statuses,
    PodAllocations Allocations,
    StartErrors Errors,
    IPodEnvironment Environment,
    IKubeletEvents Events,
    TimeProvider Time)
{
    /// <summary>Whether pods show the condition PodReadyToStartContainers.</summary>
    public bool ShowsReadyToStart { get; init; } = true;
}
