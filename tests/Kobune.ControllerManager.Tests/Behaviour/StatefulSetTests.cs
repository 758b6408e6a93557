using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Client.Transport;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Stateful sets on an API server with all controllers.</summary>
public sealed partial class StatefulSetTests : IAsyncLifetime
{
    private TestCluster _cluster = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Pods_come_in_order_with_their_claims_and_events_tell_of_them()
    {
        await CreateAsync(3, claims: ["data"]);
        var done = await Settled(3);
        var pods = await Pods("web-0 web-1 web-2");
        Assert.Equal(["web-0", "web-1", "web-2"], pods.OrderBy(p => Revision.Of(p)).ThenBy(p => p.Metadata.CreationTimestamp).Select(p => p.Metadata.Name).Order());
        Assert.All(pods, p => Assert.Equal((done.Status.CurrentRevision, p.Metadata.Name, "svc"), (p.Metadata.Labels["controller-revision-hash"], p.Spec.Hostname, p.Spec.Subdomain)));
        Assert.Equal(["0", "1", "2"], pods.Select(p => p.Metadata.Labels["apps.kubernetes.io/pod-index"]).Order());
        var claims = await _cluster.Sees<PersistentVolumeClaim>("default", "three claims", all => all.Count == 3);
        Assert.Equal(["data-web-0", "data-web-1", "data-web-2"], claims.Select(c => c.Metadata.Name).Order());
        Assert.All(claims, c => Assert.Empty(c.Metadata.OwnerReferences));
        Assert.Equal((done.Status.UpdateRevision, 1L, 0, 3, 3, 3), (done.Status.CurrentRevision, done.Status.ObservedGeneration, done.Status.CollisionCount, done.Status.CurrentReplicas, done.Status.UpdatedReplicas, done.Status.AvailableReplicas));
        await SeesEvent("Normal", "SuccessfulCreate", "create Pod web-0 in StatefulSet web successful");
        await SeesEvent("Normal", "SuccessfulCreate", "create Claim data-web-2 Pod web-2 in StatefulSet web success");
    }

    [Fact]
    public async Task The_scale_subresource_scales_and_claims_stay()
    {
        await CreateAsync(1, claims: ["data"]);
        await Settled(1);
        var path = "/apis/apps/v1/namespaces/default/statefulsets/web/scale";
        var scale = JsonNode.Parse((await SendAsync("GET", path, null, null)).Json.Span)!;
        Assert.Equal((1, 1), ((int)scale["spec"]!["replicas"]!, (int)scale["status"]!["replicas"]!));
        scale["spec"]!["replicas"] = 3;
        await SendAsync("PUT", path, scale.ToJsonString(), null);
        await Settled(3);
        await SendAsync("PATCH", path, """{"spec":{"replicas":0}}""", "application/merge-patch+json");
        await Settled(0);
        await Pods("");
        await SeesEvent("Normal", "SuccessfulDelete", "delete Pod web-2 in StatefulSet web successful");
        await _cluster.Sees<PersistentVolumeClaim>("default", "three claims still", all => all.Count == 3);
    }

    [Fact]
    public async Task A_parallel_set_scales_up_though_no_pod_gets_ready()
    {
        await CreateAsync(3, change: s => s with { PodManagementPolicy = "Parallel", Template = Held(s.Template) });
        await Pods("web-0 web-1 web-2");
        await PatchAsync(s => s with { Replicas = 1 });
        await Pods("web-0");
    }

    [Fact]
    public async Task An_ordered_set_waits_for_a_pod_that_does_not_get_ready()
    {
        await CreateAsync(3, change: s => s with { Template = Held(s.Template) });
        await _cluster.Sees<StatefulSet>("default", "one pod in the status", all => all.Any(s => s.Status is { Replicas: 1, ReadyReplicas: 0, ObservedGeneration: 1 }));
        Assert.Equal("web-0", Assert.Single(await Pods("web-0")).Metadata.Name);
    }

    [Fact]
    public async Task A_rolling_update_keeps_the_partition_and_going_back_takes_up_the_earlier_revision()
    {
        await CreateAsync(3, change: s => s with { UpdateStrategy = new() { Type = "RollingUpdate", RollingUpdate = new() { Partition = 2 } } });
        var first = (await Settled(3)).Status.CurrentRevision;
        await PatchAsync(s => s with { Template = TestObjects.Template("v2") });
        var partial = await SeesSet("one updated pod", s => s.Status is { UpdatedReplicas: 1, ReadyReplicas: 3, CurrentReplicas: 2 } && s.Status.UpdateRevision != first);
        Assert.Equal(first, partial.Status.CurrentRevision);
        Assert.Equal("v1 v1 v2", Images(await Pods("web-0 web-1 web-2")));

        // A pod below the partition that is deleted comes back as it was.
        var deleted = (await Pods("web-0 web-1 web-2")).Single(p => p.Metadata.Name == "web-0");
        await _cluster.Admin.DeleteAsync<Pod>("default", "web-0", null, Ct);
        var again = await _cluster.Sees<Pod>("default", "a new web-0", all => all.Count == 3 && all.Any(p => p.Metadata.Name == "web-0" && p.Metadata.Uid != deleted.Metadata.Uid));
        Assert.Equal("v1 v1 v2", Images(again));

        await PatchAsync(s => s with { UpdateStrategy = new() { Type = "RollingUpdate", RollingUpdate = new() { Partition = 0 } } });
        var second = await SeesSet("all updated", s => s.Status is { UpdatedReplicas: 3, ReadyReplicas: 3, CurrentReplicas: 3 } && s.Status.CurrentRevision == s.Status.UpdateRevision && s.Status.CurrentRevision != first);
        Assert.Equal("v2 v2 v2", Images(await Pods("web-0 web-1 web-2")));

        await PatchAsync(s => s with { Template = TestObjects.Template("v1") });
        await SeesSet("the first revision again", s => s.Status is { UpdatedReplicas: 3, ReadyReplicas: 3 } && s.Status.CurrentRevision == first && s.Status.UpdateRevision == first);
        await _cluster.Sees<ControllerRevision>("default", "two revisions, the first of them the newest", all =>
            all.Count == 2 && all.Single(r => r.Metadata.Name == first).Revision == 3 && all.Single(r => r.Metadata.Name == second.Status.CurrentRevision).Revision == 2);
    }

    [Fact]
    public async Task Undo_patches_a_revision_s_data_as_they_are()
    {
        await CreateAsync(2);
        var first = (await Settled(2)).Status.CurrentRevision;
        await PatchAsync(s => s with { Template = s.Template with { Metadata = s.Template.Metadata with { Annotations = new Dictionary<string, string> { ["new"] = "yes" } }, Spec = TestObjects.Template("v2").Spec } });
        await SeesSet("the second revision", s => s.Status is { UpdatedReplicas: 2, ReadyReplicas: 2 } && s.Status.CurrentRevision != first && s.Status.CurrentRevision == s.Status.UpdateRevision);
        var revision = await _cluster.Admin.GetAsync<ControllerRevision>("default", first, Ct);
        Assert.Equal("web", revision.Metadata.Labels["app"]);
        Assert.EndsWith(revision.Metadata.Labels["controller.kubernetes.io/hash"], first, StringComparison.Ordinal);
        await SendAsync("PATCH", "/apis/apps/v1/namespaces/default/statefulsets/web", revision.Data!.Value.GetRawText(), "application/strategic-merge-patch+json");
        var undone = await SeesSet("the first revision", s => s.Status is { UpdatedReplicas: 2, ReadyReplicas: 2 } && s.Status.CurrentRevision == first);
        Assert.Equal(("v1", 0), (undone.Spec.Template.Spec.Containers[0].Image, undone.Spec.Template.Metadata.Annotations.Count));
    }

    [Fact]
    public async Task An_evicted_pod_is_made_anew()
    {
        await CreateAsync(2);
        await Settled(2);
        var evicted = await _cluster.Admin.GetAsync<Pod>("default", "web-1", Ct);
        await _cluster.Admin.PatchAsync<Pod>("default", "web-1", Patch.Merge(new() { ["status"] = new JsonObject { ["phase"] = "Failed", ["reason"] = "Evicted" } }), "status", Ct);
        await _cluster.Sees<Pod>("default", "another web-1 that runs", all => all.Any(p => p.Metadata.Name == "web-1" && p.Metadata.Uid != evicted.Metadata.Uid && p.Status.Phase == "Running"));
    }

    [Fact]
    public async Task OnDelete_updates_pods_that_somebody_deletes()
    {
        await CreateAsync(2, change: s => s with { UpdateStrategy = new() { Type = "OnDelete" } });
        await Settled(2);
        await PatchAsync(s => s with { Template = TestObjects.Template("v2") });
        await SeesSet("a second revision", s => s.Status.UpdateRevision != s.Status.CurrentRevision && s.Status.ObservedGeneration == 2);
        Assert.Equal("v1 v1", Images(await Pods("web-0 web-1")));
        await _cluster.Admin.DeleteAsync<Pod>("default", "web-0", null, Ct);
        await _cluster.Sees<Pod>("default", "a new web-0", all => all.Any(p => p.Metadata.Name == "web-0" && p.Spec.Containers[0].Image == "v2"));
    }

    [Fact]
    public async Task A_pod_gets_its_identity_back()
    {
        await CreateAsync(1);
        await Settled(1);
        await _cluster.Admin.PatchAsync<Pod>("default", "web-0", Patch.Merge(new() { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["statefulset.kubernetes.io/pod-name"] = null } } }), null, Ct);
        await SeesEvent("Normal", "SuccessfulUpdate", "update Pod web-0 in StatefulSet web successful");
        await _cluster.Sees<Pod>("default", "the label", all => all.Any(p => p.Metadata.Labels.GetValueOrDefault("statefulset.kubernetes.io/pod-name") == "web-0"));
    }

    [Fact]
    public async Task Orphans_are_adopted_with_their_history_and_a_pod_that_does_not_match_is_released()
    {
        await CreateAsync(2);
        var before = (await Settled(2)).Status.CurrentRevision;
        var pods = await Pods("web-0 web-1");
        await _cluster.Admin.DeleteAsync<StatefulSet>("default", "web", new DeleteOptions { PropagationPolicy = DeletionPropagation.Orphan }, Ct);
        await _cluster.Sees<Pod>("default", "free pods", all => all.Count == 2 && all.All(p => p.ControllerRef() is null));
        await _cluster.Sees<ControllerRevision>("default", "a free revision", all => all.Count == 1 && all[0].ControllerRef() is null);
        await _cluster.Sees<StatefulSet>("default", "no set", all => all.Count == 0);
        var set = await CreateAsync(2);
        await _cluster.Sees<Pod>("default", "the same pods with the new set", all => all.Count == 2 && all.All(p => p.ControllerRef()?.Uid == set.Metadata.Uid && pods.Any(x => x.Metadata.Uid == p.Metadata.Uid)));
        Assert.Equal(before, (await Settled(2)).Status.CurrentRevision);
        await _cluster.Sees<ControllerRevision>("default", "the same revision", all => all.Count == 1 && all[0].ControllerRef()?.Uid == set.Metadata.Uid);

        await _cluster.Admin.PatchAsync<Pod>("default", "web-1", Patch.Merge(new() { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "free" } } }), null, Ct);
        await _cluster.Sees<Pod>("default", "a free web-1", all => all.Any(p => p.Metadata.Name == "web-1" && p.ControllerRef() is null));
        await _cluster.Admin.DeleteAsync<Pod>("default", "web-1", null, Ct);
        await _cluster.Sees<Pod>("default", "a new web-1 of the set", all => all.Any(p => p.Metadata.Name == "web-1" && p.ControllerRef()?.Uid == set.Metadata.Uid));
    }

    [Fact]
    public async Task Unused_revisions_above_the_limit_go()
    {
        await CreateAsync(1, change: s => s with { RevisionHistoryLimit = 1 });
        await Settled(1);
        for (var version = 2; version <= 4; version++)
        {
            await PatchAsync(s => s with { Template = TestObjects.Template("v" + version) });
            await SeesSet("v" + version, s => s.Status is { UpdatedReplicas: 1, ReadyReplicas: 1 } && s.Status.ObservedGeneration == version && s.Status.CurrentRevision == s.Status.UpdateRevision);
        }

        await _cluster.Sees<ControllerRevision>("default", "the newest two", all => all.Select(r => r.Revision).Order().SequenceEqual([3L, 4L]));
    }

    [Fact]
    public async Task A_name_that_another_revision_has_is_avoided()
    {
        await CreateAsync(1);
        var name = (await Settled(1)).Status.CurrentRevision;
        await _cluster.Admin.DeleteAsync<StatefulSet>("default", "web", null, Ct);
        await Pods("");
        while (!await TryTakeAsync(name))
        {
            // A controller whose cache still showed the set made its revision once more: the garbage collector takes that one too.
        }

        await CreateAsync(1);
        var set = await Settled(1);
        Assert.Equal((1, false), (set.Status.CollisionCount, set.Status.CurrentRevision == name));
    }

    private async Task<bool> TryTakeAsync(string name)
    {
        await _cluster.Sees<ControllerRevision>("default", "no revision", all => all.Count == 0);
        try
        {
            await _cluster.Admin.CreateAsync(new ControllerRevision { Metadata = new ObjectMeta { Namespace = "default", Name = name }, Data = System.Text.Json.JsonDocument.Parse("""{"other":1}""").RootElement, Revision = 1 }, Ct);
            return true;
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            return false;
        }
    }

    [Fact]
    public async Task What_cannot_be_created_is_told()
    {
        await _cluster.Admin.CreateAsync(new ResourceQuota { Metadata = new ObjectMeta { Namespace = "default", Name = "none" }, Spec = new() { Hard = new Dictionary<string, Quantity> { ["pods"] = new(0), ["count/persistentvolumeclaims"] = new(0) } } }, Ct);
        await _cluster.Sees<ResourceQuota>("default", "the quota in use", all => all.Any(q => q.Status.Hard.Count == 2));
        await CreateAsync(1);
        await _cluster.Sees<Event>("default", "FailedCreate", all => all.Any(e => e is { Type: "Warning", Reason: "FailedCreate" } && e.Message.StartsWith("create Pod web-0 in StatefulSet web failed error: pods \"web-0\" is forbidden: exceeded quota", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_others_write_into_the_status_stays()
    {
        await CreateAsync(1);
        await Settled(1);
        var condition = new JsonObject { ["type"] = "StatusPatched", ["status"] = "True", ["reason"] = "E2E" };
        await _cluster.Admin.PatchAsync<StatefulSet>("default", "web", Patch.Merge(new() { ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } }), "status", Ct);
        await PatchAsync(s => s with { Replicas = 2 });
        Assert.Equal("StatusPatched", Assert.Single((await Settled(2)).Status.Conditions).Type);
    }

    private static PodTemplateSpec Held(PodTemplateSpec template) => template with { Metadata = template.Metadata with { Annotations = new Dictionary<string, string> { [PodRunner.Hold] = "" } } };

    private static string Images(IEnumerable<Pod> pods) => string.Join(' ', pods.OrderBy(p => p.Metadata.Name, StringComparer.Ordinal).Select(p => p.Spec.Containers[0].Image));

    private Task<StatefulSet> CreateAsync(int replicas, string[]? claims = null, Func<StatefulSetSpec, StatefulSetSpec>? change = null)
    {
        var spec = new StatefulSetSpec
        {
            Replicas = replicas,
            ServiceName = "svc",
            Selector = new LabelSelector { MatchLabels = TestObjects.Web },
            Template = TestObjects.Template("v1"),
            VolumeClaimTemplates = [.. (claims ?? []).Select(Claim)],
        };
        return _cluster.Admin.CreateAsync(new StatefulSet { Metadata = new ObjectMeta { Namespace = "default", Name = "web" }, Spec = change?.Invoke(spec) ?? spec }, Ct);
    }

    private static PersistentVolumeClaim Claim(string name) => new()
    {
        Metadata = new ObjectMeta { Name = name },
        Spec = new() { AccessModes = ["ReadWriteOnce"], Resources = new() { Requests = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse("1Gi") } } },
    };

    private async Task PatchAsync(Func<StatefulSetSpec, StatefulSetSpec> change)
    {
        var before = await _cluster.Admin.GetAsync<StatefulSet>("default", "web", Ct);
        await _cluster.Admin.PatchAsync<StatefulSet>("default", "web", Patch.Between(before, before with { Spec = change(before.Spec) })!, null, Ct);
    }

    private async Task<EncodedObject> SendAsync(string method, string path, string? body, string? contentType)
    {
        var answer = await _cluster.Admin.Transport.SendAsync(new ApiRequest(method, path, body is null ? default : Encoding.UTF8.GetBytes(body), contentType), Ct);
        Assert.Equal(200, answer.StatusCode);
        return answer.Body;
    }

    private Task<StatefulSet> Settled(int replicas) => SeesSet($"{replicas} ready pods", s =>
        s.Status.Replicas == replicas && s.Status.ReadyReplicas == replicas && s.Status.AvailableReplicas == replicas && s.Spec.Replicas == replicas
        && s.Status.ObservedGeneration == s.Metadata.Generation && s.Status.CurrentRevision.Length > 0);

    private async Task<StatefulSet> SeesSet(string expected, Func<StatefulSet, bool> holds) =>
        (await _cluster.Sees<StatefulSet>("default", expected, all => all.Any(holds))).Single(holds);

    private Task<IReadOnlyList<Pod>> Pods(string names) =>
        _cluster.Sees<Pod>("default", $"the pods {names}", all => string.Join(' ', all.Select(p => p.Metadata.Name).Order(StringComparer.Ordinal)) == names);

    private Task<IReadOnlyList<Event>> SeesEvent(string type, string reason, string message) =>
        _cluster.Sees<Event>("default", message, all => all.Any(e => e.Type == type && e.Reason == reason && e.Message == message && e.Source.Component == "statefulset-controller"));
}
