using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.Jobs;

/// <summary>What a Job's pod failure policy says of a failed pod. Source: pkg/controller/job/pod_failure_policy.go.</summary>
/// <param name="Counts">The failure counts for the back-off limits.</param>
/// <param name="Action">Action of the first rule that matches; empty when none does.</param>
/// <param name="JobFailure">Why the whole Job fails, in upstream's words; null when it does not.</param>
internal readonly record struct PodFailureVerdict(bool Counts, string Action, string? JobFailure)
{
    /// <param name="policy">The policy; without one every failure counts.</param>
    public static PodFailureVerdict Of(PodFailurePolicy? policy, Pod pod)
    {
        for (var i = 0; i < (policy?.Rules.Count ?? 0); i++)
        {
            var rule = policy!.Rules[i];
            if (rule.Action is not (PodFailurePolicyAction.FailJob or PodFailurePolicyAction.FailIndex or PodFailurePolicyAction.Ignore or PodFailurePolicyAction.Count))
            {
                continue; // of a later release
            }

            if (rule.OnExitCodes is { } codes)
            {
                if ((Matching(pod.Status.ContainerStatuses, codes) ?? Matching(pod.Status.InitContainerStatuses, codes)) is { } container)
                {
                    return For(rule.Action, $"Container {container.Name} for pod {pod.Metadata.Namespace}/{pod.Metadata.Name} failed with exit code {container.State.Terminated!.ExitCode} matching {rule.Action} rule at index {i}");
                }
            }
            else if (pod.Status.Conditions.FirstOrDefault(c => rule.OnPodConditions.Any(p => p.Type == c.Type && p.Status == c.Status)) is { } condition)
            {
                return For(rule.Action, $"Pod {pod.Metadata.Namespace}/{pod.Metadata.Name} has condition {condition.Type} matching {rule.Action} rule at index {i}");
            }
        }

        return new(true, "", null);
    }

    private static PodFailureVerdict For(string action, string message) =>
        new(action != PodFailurePolicyAction.Ignore, action, action == PodFailurePolicyAction.FailJob ? message : null);

    private static ContainerStatus? Matching(IReadOnlyList<ContainerStatus> containers, PodFailurePolicyOnExitCodesRequirement codes) =>
        containers.FirstOrDefault(c => c.State.Terminated is { ExitCode: not 0 } end
            && (codes.ContainerName is null || codes.ContainerName == c.Name)
            && codes.Operator switch
            {
                PodFailurePolicyOnExitCodesOperator.In => codes.Values.Contains(end.ExitCode),
                PodFailurePolicyOnExitCodesOperator.NotIn => !codes.Values.Contains(end.ExitCode),
                _ => false, // of a later release
            });
}
