using Kobune.Api.Core.V1;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Containers;

/// <summary>What happens after a container has ended: its rules by exit code decide first, then its own policy, then the pod's (api/v1/pod/util.go).</summary>
internal static class RestartRules
{
    /// <summary>The condition of a pod whose containers are all taken away, to begin anew in the same sandbox.</summary>
    internal const string Restarting = "AllContainersRestarting";

    /// <summary>Why a container that such a restart took away has ended.</summary>
    internal const string Reason = "RestartingAllContainers";

    private const string AllAction = "RestartAllContainers";

    /// <summary>Whether a finished container runs again, alone or with all the others (ContainerShouldRestart).</summary>
    internal static bool RestartsAfter(Pod pod, Container container, int exitCode) =>
        Matching(container, exitCode) is { Action: "Restart" or AllAction } || (container.RestartPolicy ?? pod.Spec.RestartPolicy) switch
        {
            "Never" => false,
            "OnFailure" => exitCode != 0,
            _ => true,
        };

    /// <summary>Whether an end with this code restarts the whole pod.</summary>
    internal static bool RestartsAll(Container container, int exitCode) => Matching(container, exitCode)?.Action == AllAction;

    /// <summary>Whether any end of a container could restart the whole pod.</summary>
    internal static bool MayRestartAll(Pod pod) => Containers(pod).Any(c => c.RestartPolicyRules.Any(r => r.Action == AllAction));

    /// <summary>Whether the whole pod is to restart, or is at it: what the runtime has, or the last status says so (ShouldAllContainersRestart).</summary>
    internal static bool RestartsAll(Pod pod, PodRuntimeStatus runtime, PodStatus last) =>
        MayRestartAll(pod) && (last.Conditions.Any(c => c is { Type: Restarting, Status: "True" }) || Containers(pod).Any(c =>
            (runtime.Find(c.Name) is { IsExited: true } run && RestartsAll(c, run.ExitCode))
            || (last.InitContainerStatuses.Concat(last.ContainerStatuses).FirstOrDefault(s => s.Name == c.Name)?.State.Terminated is { } ended && RestartsAll(c, ended.ExitCode))));

    /// <summary>Whether the runtime has nothing left of the pod's containers, so that it may begin anew.</summary>
    internal static bool IsCleanedUp(Pod pod, PodRuntimeStatus runtime) => Containers(pod).All(c => runtime.Find(c.Name) is null);

    /// <summary>Init containers and containers: ephemeral ones have no rules, and stay.</summary>
    internal static IEnumerable<Container> Containers(Pod pod) => pod.Spec.InitContainers.Concat(pod.Spec.Containers);

    /// <summary>The first rule that an exit code meets; rules count only beside a policy of the container's own.</summary>
    private static ContainerRestartRule? Matching(Container container, int exitCode) => container.RestartPolicy is null ? null
        : container.RestartPolicyRules.FirstOrDefault(r => r.ExitCodes is { } codes && codes.Operator is "In" or "NotIn" && r.ExitCodes.Values.Contains(exitCode) == (r.ExitCodes.Operator == "In"));
}
