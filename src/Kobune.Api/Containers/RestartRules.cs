using Kobune.Api.Core.V1;

namespace Kobune.Api.Containers;

/// <summary>
/// What happens after a container has ended: its rules by exit code decide first, then its own policy, then the pod's. Kubelets ask, real ones and simulated ones. Source:
/// pkg/api/v1/pod/util.go.
/// </summary>
public static class RestartRules
{
    /// <summary>The condition of a pod whose containers are all taken away, to begin anew in the same sandbox.</summary>
    public const string Restarting = "AllContainersRestarting";

    /// <summary>Why a container that such a restart took away has ended.</summary>
    public const string Reason = "RestartingAllContainers";

    /// <summary>The words beside <see cref="Reason"/>.</summary>
    public const string Removed = "The container is removed because RestartAllContainers in place";

    /// <summary>The exit code of a container that was killed and not asked.</summary>
    public const int KilledExitCode = 137;

    private const string AllAction = "RestartAllContainers";

    /// <summary>Whether a finished container runs again, alone or with all the others (ContainerShouldRestart).</summary>
    public static bool RestartsAfter(Pod pod, Container container, int exitCode) => HasRuleFor(container, exitCode) || (container.RestartPolicy ?? pod.Spec.RestartPolicy) switch
    {
        "Never" => false,
        "OnFailure" => exitCode != 0,
        _ => true,
    };

    /// <summary>Whether a rule of the container's own, and not a policy, starts it again after an end with this code.</summary>
    public static bool HasRuleFor(Container container, int exitCode) => Matching(container, exitCode) is { Action: "Restart" or AllAction };

    /// <summary>Whether an end with this code restarts the whole pod.</summary>
    public static bool RestartsAll(Container container, int exitCode) => Matching(container, exitCode)?.Action == AllAction;

    /// <summary>Whether any end of a container could restart the whole pod.</summary>
    public static bool MayRestartAll(Pod pod) => Containers(pod).Any(c => c.RestartPolicyRules.Any(r => r.Action == AllAction));

    /// <summary>Init containers and containers: ephemeral ones have no rules, and stay.</summary>
    public static IEnumerable<Container> Containers(Pod pod) => pod.Spec.InitContainers.Concat(pod.Spec.Containers);

    /// <summary>The first rule that an exit code meets; rules count only beside a policy of the container's own.</summary>
    private static ContainerRestartRule? Matching(Container container, int exitCode) => container.RestartPolicy is null ? null
        : container.RestartPolicyRules.FirstOrDefault(r => r.ExitCodes is { } codes && codes.Operator is "In" or "NotIn" && r.ExitCodes.Values.Contains(exitCode) == (r.ExitCodes.Operator == "In"));
}
