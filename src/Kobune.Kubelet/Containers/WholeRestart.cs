using Kobune.Api.Containers;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Containers;

/// <summary>Whether all containers of a pod are taken away to begin anew, as the runtime and the last status tell.</summary>
internal static class WholeRestart
{
    /// <summary>Whether the whole pod is to restart, or is at it: what the runtime has, or the last status says so (ShouldAllContainersRestart).</summary>
    internal static bool IsDue(Pod pod, PodRuntimeStatus runtime, PodStatus last) =>
        RestartRules.MayRestartAll(pod) && (last.Conditions.Any(c => c is { Type: RestartRules.Restarting, Status: "True" }) || RestartRules.Containers(pod).Any(c =>
            (runtime.Find(c.Name) is { IsExited: true } run && RestartRules.RestartsAll(c, run.ExitCode))
            || (last.InitContainerStatuses.Concat(last.ContainerStatuses).FirstOrDefault(s => s.Name == c.Name)?.State.Terminated is { } ended && RestartRules.RestartsAll(c, ended.ExitCode))));

    /// <summary>Whether the runtime has nothing left of the pod's containers, so that it may begin anew.</summary>
    internal static bool IsCleanedUp(Pod pod, PodRuntimeStatus runtime) => RestartRules.Containers(pod).All(c => runtime.Find(c.Name) is null);
}
