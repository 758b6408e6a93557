using Kobune.ControllerManager.DeviceTaints;
using DeviceTaintRule = Kobune.Api.Resource.V1Beta2.DeviceTaintRule;

namespace Kobune.ControllerManager.Tests;

/// <summary>What a rule is told of its evictions.</summary>
public class TaintRulePlanTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(9);

    [Theory]
    [InlineData("NoExecute", 0, 0, 0, "False NotStarted ")]
    [InlineData("NoExecute", 1, 1, 0, "True PodsPendingEviction 1 pod needs to be evicted in 1 namespace.")]
    [InlineData("NoExecute", 3, 2, 1, "True PodsPendingEviction 3 pods need to be evicted in 2 different namespaces. 1 pod evicted since starting the controller.")]
    [InlineData("NoExecute", 0, 0, 2, "False Completed 2 pods evicted since starting the controller.")]
    [InlineData("NoSchedule", 0, 0, 0, "False OtherEffect Eviction only happens for the NoExecute effect.")]
    [InlineData("None", 0, 0, 0, "False NoEffect 2 published devices selected. 1 allocated device selected. 0 pods would be evicted in 0 different namespaces if the effect was NoExecute. This information will not be updated again. Recreate the DeviceTaintRule to trigger an update.")]
    [InlineData("None", 1, 1, 0, "False NoEffect 2 published devices selected. 1 allocated device selected. 1 pod would be evicted in 1 namespace if the effect was NoExecute. This information will not be updated again. Recreate the DeviceTaintRule to trigger an update.")]
    public void Words(string effect, int pods, int namespaces, int evicted, string expected)
    {
        var rule = new DeviceTaintRule { Metadata = new() { Name = "r", Generation = 4 }, Spec = new() { Taint = new() { Key = "k", Effect = effect } } };
        var counts = new TaintRuleCounts(pods, namespaces, 2, 1, evicted);
        var condition = TaintRulePlan.Compute(rule, counts, Now)!;
        Assert.Equal(("EvictionInProgress", 4, Now, expected), (condition.Type, (int)condition.ObservedGeneration!, condition.LastTransitionTime, $"{condition.Status} {condition.Reason} {condition.Message}"));

        var told = rule with { Status = new() { Conditions = [condition] } };
        Assert.Null(TaintRulePlan.Compute(told, counts, Now.AddHours(1)));
        Assert.Equal(Now.AddHours(1), TaintRulePlan.Compute(told, counts with { Evicted = evicted + 1 }, Now.AddHours(1))!.LastTransitionTime);
    }
}
