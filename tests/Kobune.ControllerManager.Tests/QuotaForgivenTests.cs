using Kobune.Api.Core.V1;
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
}
