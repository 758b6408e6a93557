using Kobune.Api.Core.V1;
using Kobune.Kubelet.Resizes;

namespace Kobune.Kubelet.Tests.Resizes;

public class ResizeAdmissionTests
{
    [Theory]
    [InlineData("cpu=2", null, null)]
    [InlineData("cpu=4 memory=2Gi", null, null)]
    [InlineData("cpu=5", "Infeasible", "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000")]
    [InlineData("cpu=5 memory=8Gi", "Infeasible", "Node didn't have enough capacity: memory, requested: 8589934592, capacity: 4294967296")]
    [InlineData("cpu=1", "Deferred", "Node didn't have enough resource: cpu, requested: 1000, used: 3500, capacity: 4000", "cpu=3500m")]
    [InlineData("cpu=500m memory=3Gi", "Deferred", "Node didn't have enough resource: memory, requested: 3221225472, used: 2147483648, capacity: 4294967296", "memory=2Gi")]
    [InlineData("cpu=500m", null, null, "cpu=3500m")]
    public void A_resize_needs_room(string wanted, string? reason, string? message, string others = "")
    {
        var refusal = ResizeAdmission.Refusal(Resources.Pod("u", wanted), Resources.Node("4", "4Gi"), others.Length == 0 ? [] : [Resources.Pod("o", others)]);
        Assert.Equal((reason, message), (refusal?.Reason, refusal?.Message));
    }

    [Fact]
    public void A_static_pod_is_never_resized()
    {
        var pod = Resources.Pod("u", "cpu=1");
        pod = pod with { Metadata = pod.Metadata with { Annotations = new Dictionary<string, string> { ["kubernetes.io/config.source"] = "file" } } };
        Assert.Equal(("Infeasible", "In-place resize of static-pods is not supported"), ResizeAdmission.Refusal(pod, Resources.Node("4", "4Gi"), []));
    }

    [Fact]
    public void Those_that_ask_for_no_more_come_first_then_priority_then_quality_then_patience()
    {
        PendingResize[] pending =
        [
            Pending("late", "cpu=2", "cpu=1", second: 9),
            Pending("early", "cpu=2", "cpu=1", second: 1),
            Pending("guaranteed", "cpu=2/2 memory=1Gi/1Gi", "cpu=1/1 memory=1Gi/1Gi", second: 9),
            Pending("important", "cpu=2", "cpu=1", second: 9, priority: 10),
            Pending("modest", "cpu=1", "cpu=2", second: 9),
        ];
        Assert.Equal(["modest", "important", "guaranteed", "early", "late"], ResizeAdmission.Sorted(pending).Select(p => p.Pod.Metadata.Uid));
    }

    private static PendingResize Pending(string name, string wanted, string given, int second, int priority = 0) =>
        new(Resources.Pod(name, wanted, priority: priority), PodAllocation.Of(Resources.Pod(name, given)), DateTimeOffset.UnixEpoch.AddSeconds(second));
}
