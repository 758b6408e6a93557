using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Client.Informers;
using Kobune.ControllerManager.ResourceQuotas;
using static Kobune.ControllerManager.Tests.TestObjects;

namespace Kobune.ControllerManager.Tests;

public class QuotaForgivenTests
{
    [Fact]
    public void The_next_deleted_pod_that_is_no_longer_counted_is_looked_at_when_that_is()
    {
        Pod Going(int ago, long? grace, string phase = PodPhase.Running) => Pod("p", phase: phase) is var pod ? pod with { Metadata = pod.Metadata with { DeletionTimestamp = Now.AddSeconds(-ago), DeletionGracePeriodSeconds = grace } } : pod;
        Assert.Null(ResourceQuotaReconciler.NextForgiven([Pod("p"), Going(0, null), Going(0, 30, PodPhase.Failed), Going(31, 30)], Now));
        Assert.Equal(TimeSpan.FromMilliseconds(20_001), ResourceQuotaReconciler.NextForgiven([Pod("p"), Going(0, 60), Going(10, 30), Going(40, 30)], Now));
    }

    [Theory]
    [InlineData("1", "1", "1", "1", false)] // something was charged
    [InlineData("1", "1", "2", "1", true)]
    [InlineData("1", "1", "1", "2", true)] // somebody wrote into its status
    [InlineData("1", null, "1", null, true)]
    [InlineData(null, null, "1", null, true)]
    [InlineData("1", "1", null, null, true)]
    public void A_quota_is_counted_when_it_is_another_and_not_when_it_is_charged(string? hardBefore, string? statusBefore, string? hard, string? status, bool isCounted)
    {
        Assert.Equal(isCounted, ResourceQuotaController.IsToBeCounted(new(ChangeKind.Modified, Quota(hardBefore, statusBefore, "0"), Quota(hard, status, "1"))));

        static ResourceQuota? Quota(string? hard, string? status, string used) => hard is null ? null : new() { Spec = new() { Hard = Map(hard) }, Status = new() { Hard = status is null ? Map() : Map(status), Used = Map(used) } };

        static Dictionary<string, Quantity> Map(string? pods = null) => pods is null ? [] : new() { ["pods"] = Quantity.Parse(pods) };
    }
}
