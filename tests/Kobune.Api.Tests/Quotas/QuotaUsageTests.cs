using Kobune.Api.Core.V1;
using Kobune.Api.Quotas;

namespace Kobune.Api.Tests.Quotas;

/// <summary>What one object uses of a quota.</summary>
public class QuotaUsageTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("what it asks for", "10Gi", null, "10Gi")]
    [InlineData("more is on its way already", "10Gi", "20Gi", "20Gi")]
    [InlineData("less was on its way", "10Gi", "5Gi", "10Gi")]
    [InlineData("whole bytes", "1500m", null, "2")]
    [InlineData("nothing is asked for", null, "20Gi", null)]
    public void A_claim_uses_the_most_of_what_it_asks_for_and_what_it_is_given(string name, string? asked, string? allocated, string? expected)
    {
        var claim = new PersistentVolumeClaim
        {
            Spec = new() { StorageClassName = "gold", Resources = new() { Requests = Storage(asked) } },
            Status = new() { AllocatedResources = Storage(allocated) },
        };
        var usage = QuotaUsage.Of(PersistentVolumeClaim.Resource, claim, Now);
        Assert.Equal((name, expected), (name, Text(usage, "requests.storage")));
        Assert.Equal(expected, Text(usage, "gold.storageclass.storage.k8s.io/requests.storage"));
        Assert.Equal("1", Text(usage, "gold.storageclass.storage.k8s.io/persistentvolumeclaims"));
    }

    [Theory]
    [InlineData("more is asked for than there is", "200Mi", "150Mi", null, false, "200Mi", "400Mi")]
    [InlineData("less is asked for than there is", "100Mi", "150Mi", null, false, "150Mi", "400Mi")]
    [InlineData("more was promised", "100Mi", "150Mi", "170Mi", false, "170Mi", "400Mi")]
    [InlineData("nothing is known of what there is", "100Mi", null, null, false, "100Mi", "400Mi")]
    [InlineData("what is asked for will never be", "900Mi", "150Mi", null, true, "150Mi", "300Mi")]
    public void A_pod_uses_what_its_containers_have_until_they_are_smaller(string name, string asked, string? has, string? promised, bool isImpossible, string requests, string limits)
    {
        var pod = new Pod
        {
            Spec = new() { Containers = [new() { Name = "c", Resources = new() { Requests = Memory(asked), Limits = Memory("400Mi") } }] },
            Status = new()
            {
                Phase = PodPhase.Running,
                ContainerStatuses = [new() { Name = "c", Resources = has is null ? null : new() { Requests = Memory(has), Limits = Memory("300Mi") }, AllocatedResources = Memory(promised) }],
                Conditions = isImpossible ? [new() { Type = "PodResizePending", Status = "True", Reason = "Infeasible" }] : [],
            },
        };
        var usage = QuotaUsage.Of(Pod.Resource, pod, Now);
        Assert.Equal((name, requests, requests, limits), (name, Text(usage, "memory"), Text(usage, "requests.memory"), Text(usage, "limits.memory")));
    }

    [Theory]
    [InlineData("Running", 30, 30L, true)]
    [InlineData("Running", 31, 30L, false)]
    [InlineData("Running", 31, null, true)]
    [InlineData("Succeeded", 0, 30L, false)]
    public void A_deleted_pod_that_does_not_go_is_charged_for_its_grace_alone(string phase, int deletedAgo, long? grace, bool isCharged)
    {
        var pod = new Pod { Metadata = new() { DeletionTimestamp = Now.AddSeconds(-deletedAgo), DeletionGracePeriodSeconds = grace }, Status = new() { Phase = phase } };
        var usage = QuotaUsage.Of(Pod.Resource, pod, Now);
        Assert.Equal((isCharged, true), (usage.ContainsKey("pods"), usage.ContainsKey("count/pods")));
        Assert.Equal(phase == "Succeeded" || grace is null ? null : Now.AddSeconds(grace.Value - deletedAgo), QuotaUsage.ForgivenAt(pod));
    }

    private static Dictionary<string, Quantity> Storage(string? size) => size is null ? [] : new() { ["storage"] = Quantity.Parse(size) };

    private static Dictionary<string, Quantity> Memory(string? size) => size is null ? [] : new() { ["memory"] = Quantity.Parse(size) };

    private static string? Text(Dictionary<string, Quantity> usage, string name) => usage.TryGetValue(name, out var value) ? value.ToString() : null;
}
