using Kobune.Api.Meta.V1;
using DeviceTaintRule = Kobune.Api.Resource.V1Beta2.DeviceTaintRule;

namespace Kobune.ControllerManager.DeviceTaints;

/// <summary>What a rule is told of the evictions that it causes. Pure. Source: pkg/controller/devicetainteviction.</summary>
internal static class TaintRulePlan
{
    public const string InProgress = "EvictionInProgress";

    /// <param name="rule">The rule.</param>
    /// <param name="counts">What it is about now.</param>
    /// <param name="now">The time of a condition that differs from the one before.</param>
    /// <returns>The condition; null when it has it already.</returns>
    public static Condition? Compute(DeviceTaintRule rule, TaintRuleCounts counts, DateTimeOffset now)
    {
        var (reason, message) = Words(rule.Spec.Taint.Effect, counts);
        if (counts.Evicted > 0)
        {
            message += $"{(message.Length > 0 ? " " : "")}{Number(counts.Evicted, "pod", "pods")} evicted since starting the controller.";
        }

        var had = rule.Status.Conditions.FirstOrDefault(c => c.Type == InProgress);
        var condition = new Condition
        {
            Type = InProgress,
            Status = reason == "PodsPendingEviction" ? "True" : "False",
            Reason = reason,
            Message = message,
            ObservedGeneration = rule.Metadata.Generation,
            LastTransitionTime = had?.LastTransitionTime,
        };
        return condition == had ? null : condition with { LastTransitionTime = now };
    }

    private static (string Reason, string Message) Words(string effect, TaintRuleCounts counts) => effect switch
    {
        "NoExecute" when counts.Pods > 0 => ("PodsPendingEviction", $"{Number(counts.Pods, "pod needs", "pods need")} to be evicted in {Number(counts.Namespaces, "namespace", "different namespaces")}."),
        "NoExecute" => (counts.Evicted > 0 ? "Completed" : "NotStarted", ""),
        "None" => (
            "NoEffect",
            $"{Number(counts.Published, "published device", "published devices")} selected. {Number(counts.Allocated, "allocated device", "allocated devices")} selected. "
            + $"{Number(counts.Pods, "pod", "pods")} would be evicted in {Number(counts.Namespaces, "namespace", "different namespaces")} if the effect was NoExecute. "
            + "This information will not be updated again. Recreate the DeviceTaintRule to trigger an update."),
        _ => ("OtherEffect", "Eviction only happens for the NoExecute effect."),
    };

    private static string Number(long number, string one, string many) => $"{number} {(number == 1 ? one : many)}";
}

/// <summary>What a rule is about.</summary>
/// <param name="Pods">Those that have to leave, or would have to.</param>
/// <param name="Namespaces">In how many namespaces they are.</param>
/// <param name="Published">Devices of drivers.</param>
/// <param name="Allocated">Devices of claims.</param>
/// <param name="Evicted">Pods that were sent away for it since the controller started.</param>
internal readonly record struct TaintRuleCounts(int Pods, int Namespaces, int Published = 0, int Allocated = 0, long Evicted = 0);
