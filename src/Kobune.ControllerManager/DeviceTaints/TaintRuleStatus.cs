using System.Collections.Concurrent;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;
using DeviceTaintRule = Kobune.Api.Resource.V1Beta2.DeviceTaintRule;

namespace Kobune.ControllerManager.DeviceTaints;

/// <summary>Tells rules what they bring about, each at most every ten seconds: many pods may have to leave.</summary>
internal sealed class TaintRuleStatus(ICache<DeviceTaintRule> rules, ICache<Pod> pods, ClaimedDevices devices, IClient client, WorkQueue<ObjectKey> queue, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, long> _evicted = new(StringComparer.Ordinal); // by the rule's UID

    /// <summary>A pod will have to leave.</summary>
    public void Waits(Pod pod) => Soon(pod, TimeSpan.Zero);

    /// <summary>A pod was sent away. Caches show that only later.</summary>
    public void Evicted(Pod pod)
    {
        foreach (var rule in Behind(pod))
        {
            _evicted.AddOrUpdate(rule.Metadata.Uid, 1, (_, count) => count + 1);
        }

        Soon(pod, Period);
    }

    /// <summary>Writes the condition of a rule.</summary>
    public async Task<ReconcileResult> TellAsync(string name, CancellationToken ct)
    {
        if (rules.Find("", name) is not { } rule)
        {
            return ReconcileResult.Done;
        }

        var now = time.GetUtcNow();
        if (rule.Status.Conditions.FirstOrDefault(c => c.Type == TaintRulePlan.InProgress) is { } had && had.ObservedGeneration == rule.Metadata.Generation
            && had.LastTransitionTime + Period - now is { } left && left > TimeSpan.Zero)
        {
            return ReconcileResult.RequeueAfter(left);
        }

        if (TaintRulePlan.Compute(rule, Count(rule), now) is { } condition)
        {
            var told = rule with { Status = rule.Status with { Conditions = [.. rule.Status.Conditions.Where(c => c.Type != condition.Type), condition] } };
            await client.PatchAsync<DeviceTaintRule>("", name, Patch.Between(rule, told)!, "status", ct);
        }

        return ReconcileResult.Done;
    }

    private TaintRuleCounts Count(DeviceTaintRule rule)
    {
        var effect = rule.Spec.Taint.Effect;
        var leaving = effect is "NoExecute" or "None" ? pods.List().Where(p => ClaimedDevices.MayLeave(p) && devices.HasToLeave(p, rule)).ToList() : [];
        var isTrial = effect == "None";
        return new(
            leaving.Count,
            leaving.Select(p => p.Metadata.Namespace).Distinct().Count(),
            isTrial ? devices.CountPublished(rule) : 0,
            isTrial ? devices.CountAllocated(rule) : 0,
            _evicted.GetValueOrDefault(rule.Metadata.Uid));
    }

    private IEnumerable<DeviceTaintRule> Behind(Pod pod) => rules.List().Where(r => r.Spec.Taint.Effect == "NoExecute" && devices.HasToLeave(pod, r));

    private void Soon(Pod pod, TimeSpan delay)
    {
        foreach (var rule in Behind(pod))
        {
            queue.AddAfter(new("", rule.Metadata.Name), delay);
        }
    }
}
