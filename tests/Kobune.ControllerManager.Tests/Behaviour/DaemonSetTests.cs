using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Client.Transport;
using Kobune.ControllerManager.Revisions;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Daemon sets on an API server with all controllers and three nodes.</summary>
public sealed class DaemonSetTests : IAsyncLifetime
{
    private const string Generation = "deprecated.daemonset.template.generation";
    private TestCluster _cluster = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync();
        await AddNodeAsync("n2");
        await AddNodeAsync("n3");
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Each_node_has_a_pod_and_a_deleted_one_comes_back()
    {
        await CreateAsync();
        var set = await Settled(3);
        Assert.Equal(("1", 1L, 3, 3, 0), (set.Metadata.Annotations[Generation], set.Status.ObservedGeneration, set.Status.CurrentNumberScheduled, set.Status.UpdatedNumberScheduled, set.Status.NumberUnavailable));
        var pods = await PodsOn("n1 n2 n3");
        Assert.All(pods, p => Assert.Equal("1", p.Metadata.Labels["pod-template-generation"]));
        await _cluster.Sees<Event>("default", "an event for each pod", all => pods.All(p => all.Any(e =>
            e is { Reason: "SuccessfulCreate", Type: "Normal", InvolvedObject.Kind: "DaemonSet", Source.Component: "daemonset-controller" } && e.Message == "Created pod: " + p.Metadata.Name)));

        await _cluster.Admin.DeleteAsync<Pod>("default", pods[0].Metadata.Name, null, Ct);
        await _cluster.Sees<Pod>("default", "another pod", all => all.Count == 3 && all.All(p => p.Metadata.Uid != pods[0].Metadata.Uid));
        await Settled(3);
    }

    [Fact]
    public async Task Nodes_that_come_and_go_and_change_their_labels_are_followed()
    {
        await CreateAsync(s => s with { Template = s.Template with { Spec = s.Template.Spec with { NodeSelector = new Dictionary<string, string> { ["color"] = "blue" } } } });
        await SeesSet("no node", s => s.Status is { DesiredNumberScheduled: 0, ObservedGeneration: 1 });
        await LabelAsync("n2", "blue");
        await PodsOn("n2");
        await LabelAsync("n2", "green");
        await PodsOn("");
        await PatchAsync(s => s with { Template = s.Template with { Spec = s.Template.Spec with { NodeSelector = new Dictionary<string, string> { ["color"] = "green" } } } });
        await PodsOn("n2");
        await AddNodeAsync("n4", "green");
        await PodsOn("n2 n4");
    }

    [Fact]
    public async Task Taints_keep_pods_away_and_those_that_end_pods_take_them_away()
    {
        await CreateAsync();
        var pods = await PodsOn("n1 n2 n3");
        await TaintAsync("n2", "NoSchedule");
        await SeesSet("a pod where none should be", s => s.Status is { DesiredNumberScheduled: 2, NumberMisscheduled: 1 });
        await _cluster.Admin.DeleteAsync<Pod>("default", pods.Single(p => p.Spec.NodeName == "n2").Metadata.Name, null, Ct);
        await PodsOn("n1 n3");
        await TaintAsync("n3", "NoExecute");
        await PodsOn("n1");
        await SeesSet("one node", s => s.Status is { DesiredNumberScheduled: 1, NumberReady: 1, NumberMisscheduled: 0 });
    }

    [Fact]
    public async Task Pods_that_have_ended_are_replaced_and_told_of()
    {
        await CreateAsync();
        await Settled(3);
        var failed = (await PodsOn("n1 n2 n3"))[0];
        await _cluster.Admin.PatchAsync<Pod>("default", failed.Metadata.Name, Patch.Merge(new() { ["status"] = new JsonObject { ["phase"] = "Failed" } }), "status", Ct);
        await Pods3(failed);
        await _cluster.Sees<Event>("default", "the failed pod", all => all.Any(e => e is { Type: "Warning", Reason: "FailedDaemonPod" }
            && e.Message == $"Found failed daemon pod default/{failed.Metadata.Name} on node {failed.Spec.NodeName}, will try to kill it"));

        var ended = (await Pods3(failed))[0];
        await _cluster.Admin.PatchAsync<Pod>("default", ended.Metadata.Name, Patch.Merge(new() { ["status"] = new JsonObject { ["phase"] = "Succeeded" } }), "status", Ct);
        await Pods3(ended);
        await _cluster.Sees<Event>("default", "the ended pod", all => all.Any(e => e is { Type: "Normal", Reason: "SucceededDaemonPod" }
            && e.Message == $"Found succeeded daemon pod default/{ended.Metadata.Name} on node {ended.Spec.NodeName}, will try to delete it"));

        Task<IReadOnlyList<Pod>> Pods3(Pod without) =>
            _cluster.Sees<Pod>("default", "another pod", all => all.Count == 3 && all.All(p => p.Metadata.Uid != without.Metadata.Uid && p.Status.Phase == "Running"));
    }

    [Fact]
    public async Task A_rolling_update_replaces_all_pods_and_changes_their_hash()
    {
        await CreateAsync();
        await Settled(3);
        var first = await CurrentRevision(1);
        Assert.All(await PodsOn("n1 n2 n3"), p => Assert.Equal(Hash(first), p.Metadata.Labels["controller-revision-hash"]));
        Assert.Equal("web-" + Hash(first), first.Metadata.Name);

        await PatchAsync(s => s with { Template = TestObjects.Template("v2") });
        var set = await SeesSet("the second revision everywhere", s => s.Status is { UpdatedNumberScheduled: 3, NumberAvailable: 3, ObservedGeneration: 2 });
        Assert.Equal("2", set.Metadata.Annotations[Generation]);
        var second = await CurrentRevision(2);
        var pods = await _cluster.Sees<Pod>("default", "three new pods", all => all.Count == 3 && all.All(p => p.Spec.Containers[0].Image == "v2"));
        Assert.All(pods, p => Assert.Equal(Hash(second), p.Metadata.Labels["controller-revision-hash"]));
        Assert.NotEqual(Hash(first), Hash(second));
    }

    [Fact]
    public async Task A_rollback_midway_restarts_no_healthy_pod()
    {
        await CreateAsync();
        await Settled(3);
        var first = await CurrentRevision(1);
        var before = await PodsOn("n1 n2 n3");
        await PatchAsync(s => s with { Template = Held("bad") });
        await _cluster.Sees<Pod>("default", "one pod that waits", all => all.Count == 3 && all.Count(p => p.Spec.Containers[0].Image == "bad" && p.Spec.NodeName.Length > 0) == 1);
        var answer = await _cluster.Admin.Transport.SendAsync(
            new ApiRequest("PATCH", "/apis/apps/v1/namespaces/default/daemonsets/web", Encoding.UTF8.GetBytes(first.Data!.Value.GetRawText()), "application/strategic-merge-patch+json"), Ct);
        Assert.Equal(200, answer.StatusCode);
        await SeesSet("the first template everywhere", s => s.Status is { UpdatedNumberScheduled: 3, NumberAvailable: 3, ObservedGeneration: 3 });
        var after = await PodsOn("n1 n2 n3");
        Assert.Equal(2, after.Count(p => before.Any(b => b.Metadata.Uid == p.Metadata.Uid)));
        await _cluster.Sees<ControllerRevision>("default", "the first revision as the third", all => all.Count == 2 && all.Single(r => r.Metadata.Name == first.Metadata.Name).Revision == 3);
    }

    [Fact]
    public async Task With_surge_a_new_pod_comes_before_the_old_one_goes()
    {
        await CreateAsync(s => s with { UpdateStrategy = new() { Type = "RollingUpdate", RollingUpdate = new() { MaxSurge = 1, MaxUnavailable = 0 } } });
        await Settled(3);
        await PatchAsync(s => s with { Template = Held("v2") });
        var pods = await _cluster.Sees<Pod>("default", "one pod more", all => all.Count == 4 && all.Count(p => p.Spec.Containers[0].Image == "v2" && p.Spec.NodeName.Length > 0) == 1);
        var waiting = pods.Single(p => p.Spec.Containers[0].Image == "v2");
        Assert.Equal(2, pods.Count(p => p.Spec.NodeName == waiting.Spec.NodeName));
        await PatchAsync(s => s with { Template = TestObjects.Template("v3") });
        await SeesSet("the third revision everywhere", s => s.Status is { UpdatedNumberScheduled: 3, NumberAvailable: 3, ObservedGeneration: 3 });
        await _cluster.Sees<Pod>("default", "three pods", all => all.Count == 3 && all.All(p => p.Spec.Containers[0].Image == "v3"));
    }

    [Fact]
    public async Task OnDelete_updates_pods_that_somebody_deletes()
    {
        await CreateAsync(s => s with { UpdateStrategy = new() { Type = "OnDelete" } });
        await Settled(3);
        await PatchAsync(s => s with { Template = TestObjects.Template("v2") });
        await SeesSet("no pod of the new revision", s => s.Status is { UpdatedNumberScheduled: 0, NumberAvailable: 3, ObservedGeneration: 2 });
        await _cluster.Admin.DeleteAsync<Pod>("default", (await PodsOn("n1 n2 n3"))[0].Metadata.Name, null, Ct);
        await SeesSet("one of it", s => s.Status is { UpdatedNumberScheduled: 1, NumberAvailable: 3 });
    }

    [Fact]
    public async Task Revisions_live_their_own_life()
    {
        await CreateAsync();
        await Settled(3);
        var first = await CurrentRevision(1);

        // Its data are those that a client computes of the set, byte for byte.
        var set = await _cluster.Admin.GetAsync<DaemonSet>("default", "web", Ct);
        Assert.Equal(RevisionData.Of(set.Spec.Template, Api.Schema.KubernetesVersion.Newest).GetRawText(), first.Data!.Value.GetRawText());

        await _cluster.Admin.PatchAsync<ControllerRevision>("default", first.Metadata.Name, Patch.Merge(new() { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["mine"] = "patched" } } }), null, Ct);
        await _cluster.Admin.CreateAsync(first with { Metadata = new ObjectMeta { Namespace = "default", Name = "web-extra", Labels = first.Metadata.Labels }, Data = RevisionData.Of(TestObjects.Template("v9"), Api.Schema.KubernetesVersion.Newest), Revision = 2 }, Ct);
        await _cluster.Sees<ControllerRevision>("default", "two revisions of the set, its own the newest", all => all.Count == 2 && all.All(r => r.ControllerRef()?.Uid == set.Metadata.Uid) && all.Single(r => r.Metadata.Name == first.Metadata.Name).Revision == 3);
        await _cluster.Admin.DeleteAsync<ControllerRevision>("default", "web-extra", null, Ct);
        await _cluster.Admin.DeleteAsync<ControllerRevision>("default", first.Metadata.Name, null, Ct);
        var anew = await _cluster.Sees<ControllerRevision>("default", "the revision anew", all => all.Count == 1 && all[0].Metadata.Uid != first.Metadata.Uid && all[0].Metadata.Name == first.Metadata.Name);

        var answer = await _cluster.Admin.Transport.SendAsync(new ApiRequest("DELETE", "/apis/apps/v1/namespaces/default/controllerrevisions?labelSelector=app%3Dweb"), Ct);
        Assert.Equal(200, answer.StatusCode);
        await _cluster.Sees<ControllerRevision>("default", "one again", all => all.Count == 1 && all[0].Metadata.Uid != anew[0].Metadata.Uid);
        await PatchAsync(s => s with { Template = TestObjects.Template("v2") });
        await _cluster.Sees<ControllerRevision>("default", "one more", all => all.Select(r => r.Revision).Order().SequenceEqual([1L, 2L]));
    }

    [Fact]
    public async Task A_revision_that_comes_with_its_owner_takes_the_place_of_the_one_that_is_deleted()
    {
        await CreateAsync();
        var set = await Settled(3);
        var first = await CurrentRevision(1);
        var labels = new Dictionary<string, string>(first.Metadata.Labels) { ["controller-revision-hash"] = "next" };
        await _cluster.Admin.CreateAsync(first with { Metadata = new ObjectMeta { Namespace = "default", Name = "web-next", Labels = labels, OwnerReferences = first.Metadata.OwnerReferences }, Revision = 2 }, Ct);
        await _cluster.Sees<ControllerRevision>("default", "both revisions", all => all.Count == 2);
        await _cluster.Admin.DeleteAsync<ControllerRevision>("default", first.Metadata.Name, null, Ct);
        // Pods of the same generation of the template stay as they are; new ones are of the revision that is left.
        await _cluster.Sees<ControllerRevision>("default", "the next one alone", all => all.Count == 1 && all[0].Metadata.Name == "web-next");
        var before = (await _cluster.Sees<Pod>("default", "three pods", all => all.Count == 3)).Select(p => p.Metadata.Uid).ToHashSet();
        var anew = await ReplacedAsync(before, "one pod");
        for (var look = 0; look < 10 && anew.Metadata.Labels["controller-revision-hash"] != "next"; look++)
        {
            before.Add(anew.Metadata.Uid);
            anew = await ReplacedAsync(before, "another, for the controller had not heard yet of the deleted revision");
        }

        Assert.Equal("next", anew.Metadata.Labels["controller-revision-hash"]);
        await _cluster.Sees<DaemonSet>("default", "all of them counted as updated", all => all[0].Status is { UpdatedNumberScheduled: 3, NumberAvailable: 3 });
        await PatchAsync(s => s with { Template = TestObjects.Template("v2") });
        await _cluster.Sees<ControllerRevision>("default", "a third revision", all => all.Select(r => r.Revision).Order().SequenceEqual([2L, 3L]) && all.All(r => r.ControllerRef()?.Uid == set.Metadata.Uid));
    }

    /// <summary>Deletes a pod; what came in its place.</summary>
    private async Task<Pod> ReplacedAsync(HashSet<string> before, string expected)
    {
        await _cluster.Admin.DeleteAsync<Pod>("default", (await _cluster.Admin.ListAsync<Pod>("default", null, Ct)).Items[0].Metadata.Name, null, Ct);
        var pods = await _cluster.Sees<Pod>("default", expected, all => all.Count == 3 && all.Count(p => !before.Contains(p.Metadata.Uid) && p.Status.Phase == "Running") == 1);
        return pods.Single(p => !before.Contains(p.Metadata.Uid));
    }

    [Fact]
    public async Task Of_two_revisions_with_one_template_the_newer_stays_and_pods_get_its_label()
    {
        await CreateAsync();
        await Settled(3);
        var first = await CurrentRevision(1);
        var before = await PodsOn("n1 n2 n3");
        var labels = new Dictionary<string, string>(first.Metadata.Labels) { ["controller-revision-hash"] = "twin" };
        await _cluster.Admin.CreateAsync(first with { Metadata = new ObjectMeta { Namespace = "default", Name = "web-twin", Labels = labels }, Revision = 5 }, Ct);
        await _cluster.Sees<ControllerRevision>("default", "the twin alone", all => all.Count == 1 && all[0].Metadata.Name == "web-twin");
        await _cluster.Sees<Pod>("default", "the same pods with its label", all => all.Count == 3 && all.All(p => p.Metadata.Labels["controller-revision-hash"] == "twin" && before.Any(b => b.Metadata.Uid == p.Metadata.Uid)));
        await PatchAsync(s => s with { MinReadySeconds = 1 }); // when that is observed, whatever was done with the label has been done
        await SeesSet("the second generation", s => s.Status.ObservedGeneration == 2);
        Assert.Equal(before.Select(p => p.Metadata.Uid).Order(), (await PodsOn("n1 n2 n3")).Select(p => p.Metadata.Uid).Order());
    }

    [Fact]
    public async Task Unused_revisions_above_the_limit_go()
    {
        await CreateAsync(s => s with { RevisionHistoryLimit = 1 });
        await Settled(3);
        for (var version = 2; version <= 4; version++)
        {
            await PatchAsync(s => s with { Template = TestObjects.Template("v" + version) });
            await SeesSet("v" + version, s => s.Status is { UpdatedNumberScheduled: 3, NumberAvailable: 3 } && s.Status.ObservedGeneration == version);
        }

        await _cluster.Sees<ControllerRevision>("default", "the newest two", all => all.Select(r => r.Revision).Order().SequenceEqual([3L, 4L]));
    }

    [Fact]
    public async Task Orphans_are_adopted_with_their_history()
    {
        await CreateAsync();
        await Settled(3);
        var pods = await PodsOn("n1 n2 n3");
        await _cluster.Admin.DeleteAsync<DaemonSet>("default", "web", new DeleteOptions { PropagationPolicy = DeletionPropagation.Orphan }, Ct);
        await _cluster.Sees<DaemonSet>("default", "no set", all => all.Count == 0);
        var set = await CreateAsync();
        await _cluster.Sees<Pod>("default", "the same pods with the new set", all => all.Count == 3 && all.All(p => p.ControllerRef()?.Uid == set.Metadata.Uid && pods.Any(x => x.Metadata.Uid == p.Metadata.Uid)));
        await Settled(3);
        await _cluster.Sees<ControllerRevision>("default", "the same revision", all => all.Count == 1 && all[0].Revision == 1 && all[0].ControllerRef()?.Uid == set.Metadata.Uid);
    }

    [Fact]
    public async Task What_others_write_into_the_status_stays()
    {
        await CreateAsync();
        await Settled(3);
        var condition = new JsonObject { ["type"] = "StatusPatched", ["status"] = "True", ["reason"] = "E2E" };
        await _cluster.Admin.PatchAsync<DaemonSet>("default", "web", Patch.Merge(new() { ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } }), "status", Ct);
        await AddNodeAsync("n4");
        Assert.Equal("StatusPatched", Assert.Single((await Settled(4)).Status.Conditions).Type);
    }

    private static PodTemplateSpec Held(string image)
    {
        var template = TestObjects.Template(image);
        return template with { Metadata = template.Metadata with { Annotations = new Dictionary<string, string> { [PodRunner.Hold] = "" } } };
    }

    private static string Hash(ControllerRevision revision) => revision.Metadata.Labels["controller-revision-hash"];

    private Task<DaemonSet> CreateAsync(Func<DaemonSetSpec, DaemonSetSpec>? change = null)
    {
        var spec = new DaemonSetSpec { Selector = new LabelSelector { MatchLabels = TestObjects.Web }, Template = TestObjects.Template("v1") };
        return _cluster.Admin.CreateAsync(new DaemonSet { Metadata = new ObjectMeta { Namespace = "default", Name = "web" }, Spec = change?.Invoke(spec) ?? spec }, Ct);
    }

    private async Task PatchAsync(Func<DaemonSetSpec, DaemonSetSpec> change)
    {
        var before = await _cluster.Admin.GetAsync<DaemonSet>("default", "web", Ct);
        await _cluster.Admin.PatchAsync<DaemonSet>("default", "web", Patch.Between(before, before with { Spec = change(before.Spec) })!, null, Ct);
    }

    private async Task AddNodeAsync(string name, string? color = null)
    {
        var labels = color is null ? new Dictionary<string, string>() : new() { ["color"] = color };

        // With its condition from the beginning: pods of a node that is not ready are marked, and nobody here would mark them ready again.
        var status = new NodeStatus { Conditions = [new NodeCondition { Type = "Ready", Status = "True", Reason = "KubeletReady" }] };
        await _cluster.Admin.CreateAsync(new Node { Metadata = new ObjectMeta { Name = name, Labels = labels }, Status = status }, Ct);
        await _cluster.Sees<Node>("", "the node " + name, all => all.Any(n => n.Metadata.Name == name && n.Status.Conditions.Any(c => c.Status == "True") && n.Spec.Taints.Count == 0));
    }

    private Task<Node> LabelAsync(string node, string color) =>
        _cluster.Admin.PatchAsync<Node>("", node, Patch.Merge(new() { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["color"] = color } } }), null, Ct);

    private Task<Node> TaintAsync(string node, string effect) =>
        _cluster.Admin.PatchAsync<Node>("", node, Patch.Merge(new() { ["spec"] = new JsonObject { ["taints"] = new JsonArray(new JsonObject { ["key"] = "example.com/k", ["effect"] = effect }) } }), null, Ct);

    private Task<DaemonSet> Settled(int nodes) => SeesSet($"{nodes} available pods", s =>
        s.Status.DesiredNumberScheduled == nodes && s.Status.NumberAvailable == nodes && s.Status.UpdatedNumberScheduled == nodes && s.Status.ObservedGeneration == s.Metadata.Generation);

    private async Task<DaemonSet> SeesSet(string expected, Func<DaemonSet, bool> holds) =>
        (await _cluster.Sees<DaemonSet>("default", expected, all => all.Any(holds))).Single(holds);

    private async Task<ControllerRevision> CurrentRevision(long number) =>
        (await _cluster.Sees<ControllerRevision>("default", "revision " + number, all => all.Any(r => r.Revision == number))).Single(r => r.Revision == number);

    private Task<IReadOnlyList<Pod>> PodsOn(string nodes) =>
        _cluster.Sees<Pod>("default", $"pods on {nodes}", all => string.Join(' ', all.Select(p => p.Spec.NodeName).Order(StringComparer.Ordinal)) == nodes);
}
