using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.GarbageCollector;

namespace Kobune.ControllerManager.Tests;

public class OwnerGraphTests
{
    private static readonly ResourceDescriptor Sets = new("apps", "v1", "ReplicaSet", "replicasets", true);
    private static readonly ResourceDescriptor Pods = new("", "v1", "Pod", "pods", true);
    private readonly List<string> _deletes = [];
    private readonly List<string> _orphans = [];
    private readonly OwnerGraph _graph;

    public OwnerGraphTests()
    {
        _graph = new(_deletes.Add, _orphans.Add);
    }

    [Fact]
    public void Dependents_of_a_deleted_owner_are_looked_at()
    {
        Set(Sets, Meta("set"));
        Set(Pods, Meta("a", "set"));
        Set(Pods, Meta("b", "set"));
        Assert.Empty(_deletes);
        _graph.Remove("set");
        Assert.Equal(["a", "b"], _deletes.Order());
    }

    [Theory]
    [InlineData("default", "apps/v1", "ReplicaSet", "set", false)]
    [InlineData("default", "apps/v1beta1", "ReplicaSet", "set", false)]
    [InlineData("elsewhere", "apps/v1", "ReplicaSet", "set", true)]
    [InlineData("default", "apps/v1", "ReplicaSet", "other", true)]
    [InlineData("default", "v1", "ReplicaSet", "set", true)]
    [InlineData("default", "apps/v1", "StatefulSet", "set", true)]
    public void A_dependent_whose_reference_says_another_place_or_kind_than_its_owner_has_is_looked_at(string ns, string version, string kind, string name, bool isLookedAt)
    {
        var dependent = Meta("a") with { Namespace = ns, OwnerReferences = [new() { APIVersion = version, Kind = kind, Name = name, Uid = "set" }] };
        Set(Sets, Meta("set"));
        Set(Pods, dependent);
        Assert.Equal(isLookedAt, _deletes.Contains("a"));

        // And when the owner is seen after it.
        _graph.Remove("a");
        _graph.Remove("set");
        Set(Pods, dependent);
        _deletes.Clear();
        Set(Sets, Meta("set"));
        Assert.Equal(isLookedAt, _deletes.Contains("a"));
    }

    [Fact]
    public void An_owner_that_nobody_has_seen_is_looked_at()
    {
        Set(Pods, Meta("a", "ghost"));
        Assert.Equal(["ghost"], _deletes);
        Assert.True(_graph.Find("ghost")!.IsVirtual);
        Assert.Equal(Sets, _graph.Find("ghost")!.Resource);
        _graph.Remove("ghost");
        Assert.Equal(["ghost", "a"], _deletes);
        _graph.Remove("a");
        Assert.Equal(0, _graph.Count);
    }

    [Fact]
    public void A_dependent_that_comes_after_its_owner_went_is_seen_while_others_still_name_it()
    {
        Set(Sets, Meta("set"));
        Set(Pods, Meta("a", "set"));
        _graph.Remove("set");
        _deletes.Clear();
        Set(Pods, Meta("late", "set"));
        Assert.Equal(["set"], _deletes); // it is looked up, found to be gone, and taken out
        _graph.Remove("set");
        Assert.Contains("late", _deletes);
    }

    [Fact]
    public void An_owner_that_was_going_and_is_gone_is_looked_up_for_a_late_dependent()
    {
        Set(Sets, Meta("set") with { DeletionTimestamp = DateTimeOffset.UnixEpoch, Finalizers = ["example.com/slow"] });
        Set(Pods, Meta("a", "set"));
        _graph.Remove("set");
        Set(Pods, Meta("late", "set"));
        Assert.False(_graph.Find("set")!.IsDeleting); // the remover leaves alone what is on its way out by itself
    }

    [Fact]
    public async Task An_owner_of_a_kind_that_discovery_has_not_named_asks_for_it_again()
    {
        _graph.Set(Pods, Meta("a", "ghost"), _ => null);
        var asked = 0;
        var remover = new DependentRemover(_graph, new OwnerKinds(), null!, null!, _deletes.Add, () => asked++);
        Assert.True(await remover.DeleteAsync("ghost", TestContext.Current.CancellationToken));
        Assert.Equal(1, asked);
    }

    [Fact]
    public void A_first_list_of_definitions_may_be_newer_than_discovery()
    {
        var changes = 0;
        PartialObjectMetadata own = new() { Metadata = Meta("boats") }, automatic = new() { Metadata = Meta("v1.apps") with { Labels = new Dictionary<string, string> { ["kube-aggregator.kubernetes.io/automanaged"] = "onstart" } } };
        OwnerGraph.Feed Feed() => new(_graph, Sets, _ => null, () => changes++);
        Feed().Replace([automatic], 1);
        Assert.Equal(0, changes); // every server has it: discovery need not be asked twice at each start
        var feed = Feed();
        feed.Replace([automatic, own], 1);
        Assert.Equal(1, changes);
        feed.Replace([], 2);
        Assert.Equal(2, changes);
    }

    [Fact]
    public void An_owner_whose_kind_is_served_only_now_is_looked_at()
    {
        _graph.Set(Pods, Meta("a", "ghost"), _ => null);
        _deletes.Clear();
        _graph.Resolve(_ => null);
        Assert.Empty(_deletes);
        _graph.Resolve(_ => Sets);
        Assert.Equal(["ghost"], _deletes); // it may have come and gone before its kind was followed
        Assert.Equal(Sets, _graph.Find("ghost")!.Resource);
    }

    [Fact]
    public void A_foreground_deletion_looks_at_dependents_and_at_the_owner_when_one_goes()
    {
        Set(Sets, Meta("set"));
        Set(Pods, Meta("a", "set", blocks: true));
        Set(Sets, Meta("set") with { DeletionTimestamp = TestObjects.Now, Finalizers = [OwnerGraph.Foreground] });
        Assert.Equal(["a", "set"], _deletes);
        Assert.Equal("a", Assert.Single(_graph.Blocking("set")).Uid);
        _deletes.Clear();
        _graph.Remove("a");
        Assert.Equal(["set"], _deletes);
        Assert.Empty(_graph.Blocking("set"));
    }

    [Fact]
    public void A_dependent_that_stops_blocking_lets_its_owner_be_looked_at()
    {
        Set(Sets, Meta("set") with { DeletionTimestamp = TestObjects.Now, Finalizers = [OwnerGraph.Foreground] });
        Set(Pods, Meta("a", "set", blocks: true));
        _deletes.Clear();
        Set(Pods, Meta("a", "set"));
        Assert.Equal(["set"], _deletes);
    }

    [Fact]
    public void An_orphaning_deletion_goes_to_the_orphans()
    {
        Set(Sets, Meta("set"));
        Set(Sets, Meta("set") with { DeletionTimestamp = TestObjects.Now, Finalizers = [OwnerGraph.Orphan] });
        Assert.Equal(["set"], _orphans);
    }

    [Fact]
    public void A_list_takes_away_what_it_does_not_have()
    {
        Set(Pods, Meta("a", "set"));
        Set(Sets, Meta("set"));
        _graph.Replace(Pods, [new PartialObjectMetadata { Metadata = Meta("b", "set") }], _ => Sets);
        Assert.Null(_graph.Find("a"));
        Assert.Equal("b", Assert.Single(_graph.Find("set")!.Dependents).Uid);
    }

    private static ObjectMeta Meta(string uid, string? owner = null, bool blocks = false) => new()
    {
        Uid = uid,
        Name = uid,
        Namespace = "default",
        OwnerReferences = owner is null ? [] : [new OwnerReference { APIVersion = "apps/v1", Kind = "ReplicaSet", Name = owner, Uid = owner, BlockOwnerDeletion = blocks }],
    };

    private void Set(ResourceDescriptor resource, ObjectMeta metadata) => _graph.Set(resource, metadata, _ => Sets);
}
