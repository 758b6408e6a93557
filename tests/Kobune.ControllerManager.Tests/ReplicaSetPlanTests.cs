using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.ControllerManager.Pods;
using Kobune.ControllerManager.ReplicaSets;
using static Kobune.ControllerManager.Tests.TestObjects;

namespace Kobune.ControllerManager.Tests;

public class ReplicaSetPlanTests
{
    private sealed record Case(string Name, int Want, Pod[] Have, int Create, string[] Delete);

    private static readonly Case[] Cases =
    [
        new("creates what is missing", Want: 3, Have: [Pod("a")], Create: 2, Delete: []),
        new("ignores pods that have ended or are going", Want: 1, Have: [Pod("a", phase: PodPhase.Succeeded), Pod("b", phase: PodPhase.Failed), Pod("c").Deleting()], Create: 1, Delete: []),
        new("does nothing when the number is right", Want: 2, Have: [Pod("a"), Pod("b")], Create: 0, Delete: []),
        new("creates at most 500 at once", Want: 2000, Have: [], Create: 500, Delete: []),
        new("deletes unassigned pods first", Want: 1, Have: [Pod("a", ready: false), Pod("b", node: "")], Create: 0, Delete: ["b"]),
        new("then pending ones", Want: 1, Have: [Pod("a", ready: false), Pod("b", ready: false, phase: PodPhase.Pending)], Create: 0, Delete: ["b"]),
        new("then unready ones", Want: 1, Have: [Pod("a"), Pod("b", ready: false)], Create: 0, Delete: ["b"]),
        new("then the cheap ones", Want: 1, Have: [Pod("a"), Cost(Pod("b"), "-5")], Create: 0, Delete: ["b"]),
        new("then those on crowded nodes", Want: 2, Have: [Pod("a", node: "n2"), Pod("b", node: "n1"), Pod("c", node: "n1")], Create: 0, Delete: ["b"]),
        new("then those ready for a shorter time", Want: 1, Have: [Pod("a", age: TimeSpan.FromHours(9)), Pod("b", age: TimeSpan.FromMinutes(1))], Create: 0, Delete: ["b"]),
        new("then those whose containers were restarted more often", Want: 1, Have: [Restarted(Pod("a"), 1, 9), Restarted(Pod("b"), 2, 0)], Create: 0, Delete: ["b"]),
        new("then those whose sidecars were", Want: 1, Have: [Restarted(Pod("a"), 2, 1), Restarted(Pod("b"), 2, 3)], Create: 0, Delete: ["b"]),
        new("then, of about the same age, by UID", Want: 1, Have: [Pod("b", age: TimeSpan.FromSeconds(3600)), Pod("a", age: TimeSpan.FromSeconds(3601))], Create: 0, Delete: ["a"]),
        new("scales to nothing", Want: 0, Have: [Pod("a"), Pod("b")], Create: 0, Delete: ["a", "b"]),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void A_set_moves_towards_its_number(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var plan = ReplicaSetPlan.Compute(Set("web", c.Want), c.Have, () => [.. c.Have.Where(p => p.IsActive())], FeatureGates.Default(KubernetesVersion.Newest), Now);
        Assert.Equal(c.Create, plan.Create);
        Assert.Equal(c.Delete, plan.Delete.Select(p => p.Metadata.Name));
    }

    [Theory]
    [InlineData("", "b")]
    [InlineData("PodDeletionCost=false", "a")]
    public void Costs_count_with_PodDeletionCost(string gates, string deleted)
    {
        Pod[] have = [Cost(Pod("a", ready: true, age: TimeSpan.FromMinutes(1)), "5"), Cost(Pod("b", age: TimeSpan.FromHours(9)), "-5")];
        var plan = ReplicaSetPlan.Compute(Set("web", 1), have, () => have, FeatureGates.Parse(KubernetesVersion.Newest, gates), Now);
        Assert.Equal([deleted], plan.Delete.Select(p => p.Metadata.Name));
    }

    [Theory]
    [InlineData("", "a")]
    [InlineData("LogarithmicScaleDown=false", "b")]
    public void Ages_of_one_magnitude_are_equal_with_LogarithmicScaleDown(string gates, string deleted)
    {
        Pod[] have = [Pod("a", age: TimeSpan.FromSeconds(3601)), Pod("b", age: TimeSpan.FromSeconds(3600))];
        var plan = ReplicaSetPlan.Compute(Set("web", 1), have, () => have, FeatureGates.Parse(KubernetesVersion.Oldest, gates), Now);
        Assert.Equal([deleted], plan.Delete.Select(p => p.Metadata.Name));
    }

    [Fact]
    public void The_status_counts_pods_and_says_why_a_step_failed()
    {
        var set = Set("web", 3) with { Status = ReplicaSetStatus.Empty };
        set = set with { Metadata = set.Metadata with { Generation = 4 }, Spec = set.Spec with { MinReadySeconds = 60, Template = Template("v1") } };
        Pod[] pods = [Pod("a"), Pod("b", ready: false), Pod("c", age: TimeSpan.FromSeconds(10)), Pod("d").Deleting(), Pod("e", phase: PodPhase.Failed)];
        var status = ReplicaSetStatusPlan.Compute(set, pods, ("FailedCreate", "quota"), Now);
        Assert.Equal((3, 3, 2, 1, 1, 4L), (status.Replicas, status.FullyLabeledReplicas, status.ReadyReplicas, status.AvailableReplicas, status.TerminatingReplicas!.Value, status.ObservedGeneration));
        Assert.Equal(("ReplicaFailure", "True", "FailedCreate", "quota"), (status.Conditions[0].Type, status.Conditions[0].Status, status.Conditions[0].Reason, status.Conditions[0].Message));
        Assert.Empty(ReplicaSetStatusPlan.Compute(set with { Status = status }, pods, null, Now).Conditions);
        Assert.Equal(TimeSpan.FromSeconds(50), PodFacts.NextAvailable(pods, set.Spec.MinReadySeconds, Now));
    }

    [Theory]
    [InlineData(0, 100, 0)]
    [InlineData(1, 100, 1)]
    [InlineData(10, 100, 10)]
    [InlineData(500, 0, 1)]
    [InlineData(500, 3, 7)]
    public async Task Creates_start_slowly_and_stop_at_the_first_failure(int count, int failAfter, int expected)
    {
        var calls = 0;
        var error = await SlowStart.RunAsync(count, _ => Task.FromResult<Exception?>(Interlocked.Increment(ref calls) > failAfter ? new InvalidOperationException() : null), default);
        Assert.Equal(expected, calls);
        Assert.Equal(count > failAfter, error is not null);
    }

    /// <summary>A pod with a sidecar, and with an init container that has ended and does not count.</summary>
    private static Pod Restarted(Pod pod, int containers, int sidecars) => pod with
    {
        Spec = pod.Spec with { InitContainers = [new Container { Name = "once" }, new Container { Name = "side", RestartPolicy = "Always" }] },
        Status = pod.Status with
        {
            ContainerStatuses = [new ContainerStatus { Name = "c", RestartCount = containers }],
            InitContainerStatuses = [new ContainerStatus { Name = "once", RestartCount = 100 - sidecars }, new ContainerStatus { Name = "side", RestartCount = sidecars }],
        },
    };

    private static Pod Cost(Pod pod, string cost) =>
        pod with { Metadata = pod.Metadata with { Annotations = new Dictionary<string, string> { ["controller.kubernetes.io/pod-deletion-cost"] = cost } } };
}
