using Kobune.Api.Apps.V1;
using Kobune.ControllerManager.StatefulSets;
using static Kobune.ControllerManager.Tests.StatefulSets.Stateful;

namespace Kobune.ControllerManager.Tests.StatefulSets;

public class StatefulSetPlanTests
{
    private sealed record Case(string Name, StatefulSet Set, string Pods, string Steps = "", string ScaleDown = "", string Replace = "", bool Gate = false);

    private static readonly Case[] Cases =
    [
        new("an ordered set begins with the first pod alone", Set(3), "", Steps: "Create web-0"),
        new("the next pod comes when the one before it is ready", Set(3), "0", Steps: "Create web-1"),
        new("an unready pod halts scaling up", Set(3), "0u"),
        new("a pending pod halts scaling up and gets claims that are missing", Set(3), "0p", Steps: "MakeClaims web-0"),
        new("a pod that is going halts scaling up", Set(3), "0d"),
        new("a pod that is not available yet halts scaling up", Set(3, minReady: 10), "0r"),
        new("a pod that is available for long does not", Set(3, minReady: 10), "0", Steps: "Create web-1"),
        new("a gap is filled before anything else", Set(3), "0 2o", Steps: "Create web-1"),
        new("a failed pod goes, whatever comes after it", Set(3), "0 1f", Steps: "Delete web-1"),
        new("a succeeded pod goes too", Set(3), "0s 1 2", Steps: "Delete web-0"),
        new("a failed pod that is going is waited for", Set(3), "0 1fd 2"),
        new("numbers begin where the set says", Set(2, start: 5), "5", Steps: "Create web-6"),
        new("pods below a raised start are too many", Set(2, start: 2), "0 1 2 3", ScaleDown: "web-1"),
        new("nothing to do", Set(3), "0 1 2"),
        new("the highest goes first, alone", Set(1), "0 1 2", ScaleDown: "web-2"),
        new("the next waits until it is gone", Set(1), "0 1 2d"),
        new("an unready pod below halts scaling down", Set(1), "0 1u 2u"),
        new("the only unhealthy pod may go", Set(1), "0 1 2u", ScaleDown: "web-2"),
        new("a healthy pod goes though one below it is not", Set(1), "0 1u 2", ScaleDown: "web-2"),
        new("an unready replica halts scaling down", Set(1), "0u 1 2"),
        new("to none", Set(0), "0 1", ScaleDown: "web-1"),
        new("scaling down comes before updates", Set(2), "0o 1o 2o", ScaleDown: "web-2"),
        new("an update begins at the top", Set(3), "0o 1o 2o", Replace: "web-2"),
        new("and goes on when the pod above is healthy", Set(3), "0o 1o 2", Replace: "web-1"),
        new("and waits until then", Set(3), "0o 1o 2u"),
        new("the partition keeps lower pods", Set(3, partition: 2), "0o 1o 2"),
        new("the partition counts from the start", Set(3, partition: 2, start: 5), "5o 6o 7o", Replace: "web-7"),
        new("a partition above all numbers updates nothing", Set(3, partition: 9), "0o 1o 2o"),
        new("OnDelete updates nothing", Set(3, onDelete: true), "0o 1o 2o"),
        new("without the feature maxUnavailable does not count", Set(4, maxUnavailable: 3), "0o 1o 2o 3o", Replace: "web-3"),
        new("with it several go at once", Set(4, maxUnavailable: 3), "0o 1o 2o 3o", Replace: "web-3 web-2 web-1", Gate: true),
        new("a percentage is rounded down", Set(5, maxUnavailable: "50%"), "0o 1o 2o 3o 4o", Replace: "web-4 web-3", Gate: true),
        new("but is at least one", Set(3, maxUnavailable: "10%"), "0o 1o 2o", Replace: "web-2", Gate: true),
        new("unhealthy pods count against it", Set(4, parallel: true, maxUnavailable: 2), "0o 1o 2u 3", Replace: "web-1", Gate: true),
        new("more unhealthy pods than it stop the update", Set(4, parallel: true, maxUnavailable: 1), "0o 1o 2u 3u", Gate: true),
        new("a broken old pod of a parallel set is updated though nothing more may be unavailable", Set(3, parallel: true, maxUnavailable: 1), "0o 1o 2ou", Replace: "web-2", Gate: true),
        new("all broken old ones go first, whatever their number", Set(5, parallel: true, maxUnavailable: 3), "0ou 1ou 2o 3o 4o", Replace: "web-1 web-0 web-4", Gate: true),
        new("broken old ones alone when they are as many as may be", Set(4, parallel: true, maxUnavailable: 2), "0ou 1ou 2o 3o", Replace: "web-1 web-0", Gate: true),
        new("one that is going counts against it", Set(5, parallel: true, maxUnavailable: 3), "0o 1o 2o 3ou 4od", Replace: "web-3 web-2", Gate: true),
        new("a broken one below the partition counts and stays", Set(5, parallel: true, partition: 2, maxUnavailable: 1), "0o 1ou 2o 3o 4o", Gate: true),
        new("one that is not available yet is broken", Set(3, parallel: true, minReady: 30, maxUnavailable: 1), "0o 1o 2or", Replace: "web-2", Gate: true),
        new("an ordered set waits for its broken old pod", Set(3, maxUnavailable: 1), "0o 1o 2ou", Gate: true),
        new("it keeps the partition", Set(4, partition: 3, maxUnavailable: 3), "0o 1o 2o 3o", Replace: "web-3", Gate: true),
        new("a parallel set creates all at once", Set(3, parallel: true), "", Steps: "Create web-0, Create web-1, Create web-2"),
        new("a parallel set scales up though pods are unready", Set(3, parallel: true), "0u 1p", Steps: "MakeClaims web-1, Create web-2"),
        new("a parallel set scales down at once though pods are unready", Set(1, parallel: true), "0u 1u 2d 3", ScaleDown: "web-3 web-1"),
        new("a parallel set deletes failed pods of all numbers", Set(3, parallel: true), "0f 1f 2", Steps: "Delete web-0, Delete web-1"),
        new("a parallel set updates one by one", Set(3, parallel: true), "0o 1o 2o", Replace: "web-2"),
        new("a parallel set updates while it scales down", Set(2, parallel: true), "0o 1o 2o", ScaleDown: "web-2", Replace: "web-1"),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Compute(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var plan = StatefulSetPlan.Compute(View(c.Set, c.Pods, c.Gate));
        Assert.Equal(
            (c.Steps, c.ScaleDown, c.Replace),
            (string.Join(", ", plan.Steps.Select(s => $"{s.Action} {s.Pod.Metadata.Name}")), string.Join(' ', plan.ScaleDown.Select(p => p.Metadata.Name)), string.Join(' ', plan.Replace.Select(p => p.Metadata.Name))));
    }

    [Theory]
    [InlineData("web-0", "web")]
    [InlineData("web-a-12", "web-a")]
    [InlineData("web-", null)]
    [InlineData("web", null)]
    [InlineData("web-x", null)]
    [InlineData("-0", null)]
    public void A_pods_name_tells_whose_it_would_be(string pod, string? set) => Assert.Equal(set, StatefulPods.SetOf(pod));

    [Fact]
    public void A_set_that_is_going_does_nothing()
    {
        var set = Set(3);
        var plan = StatefulSetPlan.Compute(View(set with { Metadata = set.Metadata with { DeletionTimestamp = TestObjects.Now } }, "0f"));
        Assert.Equal((0, 0, 0), (plan.Steps.Count, plan.ScaleDown.Count, plan.Replace.Count));
    }

    [Theory]
    [InlineData(0, 0, "web-new v2")]
    [InlineData(1, 0, "web-old v1")]
    [InlineData(1, 1, "web-new v2")]
    public void A_pod_below_the_partition_comes_back_with_the_old_revision(int partition, int missing, string expected)
    {
        var step = Assert.Single(StatefulSetPlan.Compute(View(Set(2, partition: partition), missing == 0 ? "1" : "0o")).Steps);
        Assert.Equal(expected, $"{StatefulPods.Revision(step.Pod)} {step.Pod.Spec.Containers[0].Image}");
    }

    [Fact]
    public void With_OnDelete_a_deleted_pod_comes_back_with_the_new_revision() =>
        Assert.Equal("web-new", StatefulPods.Revision(Assert.Single(StatefulSetPlan.Compute(View(Set(2, partition: 0, onDelete: true), "1o")).Steps).Pod));

    [Fact]
    public void A_pod_without_its_labels_is_repaired()
    {
        var view = View(Set(1), "0");
        var bare = view.Pods[0] with { Metadata = view.Pods[0].Metadata with { Labels = TestObjects.Web } };
        var step = Assert.Single(StatefulSetPlan.Compute(view with { Pods = [bare with { Metadata = bare.Metadata with { Labels = new Dictionary<string, string>(TestObjects.Web) { ["controller-revision-hash"] = "web-new" } } }] }).Steps);
        Assert.Equal(PodAction.Repair, step.Action);
        var repaired = StatefulPods.WithIdentity(view.Set, step.Pod);
        Assert.Equal(("web-0", "0"), (repaired.Metadata.Labels["statefulset.kubernetes.io/pod-name"], repaired.Metadata.Labels["apps.kubernetes.io/pod-index"]));
    }

    [Fact]
    public void A_new_pod_waits_for_the_end_of_claims_that_an_earlier_pod_takes_along()
    {
        var earlier = new Api.Meta.V1.OwnerReference { APIVersion = "v1", Kind = "Pod", Name = "web-0", Uid = "uid-before" };
        var claim = Claim("data-web-0", earlier);
        Assert.Empty(StatefulSetPlan.Compute(View(Set(1, whenScaled: "Delete", claims: "data"), "", false, claim)).Steps);
        Assert.Single(StatefulSetPlan.Compute(View(Set(1, claims: "data"), "", false, claim)).Steps); // kept ones are for the next pod
        Assert.Single(StatefulSetPlan.Compute(View(Set(1, whenScaled: "Delete", claims: "data"), "", false, Claim("data-web-0"))).Steps);
    }

    [Fact]
    public void A_pod_that_is_too_many_takes_its_claims_along_where_that_is_wanted()
    {
        var plan = StatefulSetPlan.Compute(View(Set(1, whenScaled: "Delete", claims: "data"), "0 1", false, Claim("data-web-0"), Claim("data-web-1")));
        Assert.Equal("web-1", Assert.Single(plan.Disown).Metadata.Name);
        Assert.Equal("web-1", Assert.Single(plan.ScaleDown).Metadata.Name);
    }

    [Fact]
    public void A_pod_has_identity_and_storage()
    {
        var set = Set(3, claims: ["data", "log"]);
        var template = TestObjects.Template("v1");
        template = template with { Spec = template.Spec with { Volumes = [new() { Name = "log", EmptyDir = new() }, new() { Name = "tmp", EmptyDir = new() }] } };
        var pod = StatefulPods.Make(set, template, "web-123", 2);
        Assert.Equal(("web-2", "web-", "web-2", "svc"), (pod.Metadata.Name, pod.Metadata.GenerateName, pod.Spec.Hostname, pod.Spec.Subdomain));
        Assert.Equal(
            [("app", "web"), ("apps.kubernetes.io/pod-index", "2"), ("controller-revision-hash", "web-123"), ("statefulset.kubernetes.io/pod-name", "web-2")],
            pod.Metadata.Labels.Select(l => (l.Key, l.Value)).Order());
        Assert.Equal(["data data-web-2", "log log-web-2", "tmp "], pod.Spec.Volumes.Select(v => $"{v.Name} {v.PersistentVolumeClaim?.ClaimName}"));
        Assert.Equal("uid-web", Assert.Single(pod.Metadata.OwnerReferences).Uid);
        Assert.True(StatefulPods.IdentityMatches(set, pod) && StatefulPods.StorageMatches(set, pod));
        Assert.False(StatefulPods.StorageMatches(set, pod with { Spec = pod.Spec with { Volumes = [] } }));
    }

    [Theory]
    [InlineData("web-0", true, 0)]
    [InlineData("web-12", true, 12)]
    [InlineData("web-a-1", false, 1)]
    [InlineData("web", false, -1)]
    [InlineData("web-", false, -1)]
    [InlineData("web-x", false, -1)]
    [InlineData("web-99999999999", true, -1)]
    public void Membership_and_number_are_told_by_the_name(string name, bool isMember, int ordinal)
    {
        var pod = TestObjects.Pod(name);
        Assert.Equal((isMember, ordinal), (StatefulPods.IsMember(Set(), pod), StatefulPods.Ordinal(pod)));
    }
}
