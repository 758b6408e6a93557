using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Policy.V1;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Disruption;

/// <summary>The status of a budget. Source: pkg/controller/disruption.</summary>
/// <param name="Status">To write when it differs.</param>
/// <param name="NotDeleted">Pods that an eviction took from the budget and that are still there after all that time.</param>
/// <param name="LookAgain">When the next of them would be; null for none.</param>
internal sealed record DisruptionBudgetPlan(PodDisruptionBudgetStatus Status, IReadOnlyList<Pod> NotDeleted, TimeSpan? LookAgain)
{
    /// <summary>How long an eviction may take from the budget to the pod's deletion timestamp.</summary>
    public static readonly TimeSpan DeletionTimeout = TimeSpan.FromMinutes(2);

    private const string ConditionType = "DisruptionAllowed";

    /// <summary>Whether the number of pods that should be there counts, not of those that are.</summary>
    public static bool NeedsScale(PodDisruptionBudgetSpec spec) => spec.MaxUnavailable is not null || spec.MinAvailable is { StringValue.Length: > 0 };

    /// <summary>How many pods should be there, and how many of them healthy; percentages round up.</summary>
    /// <param name="spec">Of the budget.</param>
    /// <param name="scale">Pods that should be there; where the scale is not needed, pods that are.</param>
    /// <exception cref="TerminalException">A percentage that is none.</exception>
    public static (int Expected, int Desired) Expect(PodDisruptionBudgetSpec spec, int scale) =>
        spec.MaxUnavailable is { } most ? (scale, Math.Max(0, scale - Scaled(most, scale)))
        : spec.MinAvailable is { } least ? (scale, Scaled(least, scale))
        : (0, 0);

    public static DisruptionBudgetPlan Compute(PodDisruptionBudget budget, IReadOnlyList<Pod> pods, int expected, int desired, DateTimeOffset now)
    {
        var (disrupted, late) = (new Dictionary<string, DateTimeOffset>(), new List<Pod>());
        DateTimeOffset? next = null;
        var healthy = 0;
        foreach (var pod in pods)
        {
            if (pod.IsDeleting())
            {
                continue;
            }

            if (budget.Status.DisruptedPods.TryGetValue(pod.Metadata.Name, out var since))
            {
                var until = since + DeletionTimeout;
                if (until < now)
                {
                    late.Add(pod);
                }
                else
                {
                    disrupted[pod.Metadata.Name] = since;
                    next = next is null || until < next ? until : next;
                }
            }

            healthy += pod.IsReady() && !disrupted.ContainsKey(pod.Metadata.Name) ? 1 : 0;
        }

        var allowed = expected <= 0 ? 0 : Math.Max(0, healthy - desired); // no pods yet: the first ones must not be evicted before this was told
        var status = budget.Status with
        {
            ObservedGeneration = budget.Metadata.Generation,
            ExpectedPods = expected,
            DesiredHealthy = desired,
            CurrentHealthy = healthy,
            DisruptionsAllowed = allowed,
            DisruptedPods = disrupted,
        };
        return new(With(status, allowed > 0, allowed > 0 ? "SufficientPods" : "InsufficientPods", "", now), late, next is null ? null : next - now + TimeSpan.FromMilliseconds(1));
    }

    /// <summary>Of a budget that could not be computed: nothing is allowed.</summary>
    public static PodDisruptionBudgetStatus Failed(PodDisruptionBudget budget, string message, DateTimeOffset now) =>
        With(budget.Status with { DisruptionsAllowed = 0 }, isAllowed: false, "SyncFailed", message, now);

    private static PodDisruptionBudgetStatus With(PodDisruptionBudgetStatus status, bool isAllowed, string reason, string message, DateTimeOffset now)
    {
        var text = isAllowed ? Api.Meta.V1.ConditionStatus.True : Api.Meta.V1.ConditionStatus.False;
        var known = status.Conditions.FirstOrDefault(c => c.Type == ConditionType);
        var condition = new Condition
        {
            Type = ConditionType,
            Status = text,
            Reason = reason,
            Message = message,
            ObservedGeneration = status.ObservedGeneration,
            LastTransitionTime = known?.Status == text ? known.LastTransitionTime : now,
        };
        return status with { Conditions = [.. status.Conditions.Where(c => c.Type != ConditionType), condition] };
    }

    private static int Scaled(Api.IntOrString value, int total) =>
        value.TryScale(total, roundUp: true, out var scaled) ? scaled : throw new TerminalException("invalid value for IntOrString: invalid type: string is not a percentage");
}
