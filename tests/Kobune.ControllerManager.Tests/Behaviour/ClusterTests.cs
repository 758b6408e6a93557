using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Coordination.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Deployments;
using Kobune.ControllerManager.LoadBalancers;
using Legacy = Kobune.Api.Core.V1.Endpoints;

namespace Kobune.ControllerManager.Tests.Behaviour;

public sealed class ClusterTests : IAsyncLifetime
{
    private TestCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_service_tells_which_slice_could_not_be_written()
    {
        const string Count = "count/endpointslices.discovery.k8s.io";
        await _cluster.Admin.CreateAsync(new Namespace { Metadata = new() { Name = "tight" } }, default);
        var none = new Dictionary<string, Quantity> { [Count] = Quantity.Zero };
        var quota = await _cluster.Admin.CreateAsync(new ResourceQuota { Metadata = new() { Namespace = "tight", Name = "none" }, Spec = new() { Hard = none } }, default);
        await _cluster.Admin.UpdateStatusAsync(quota with { Status = new() { Hard = none, Used = none } }, default);
        await _cluster.Admin.CreateAsync(new Service { Metadata = new() { Namespace = "tight", Name = "web" }, Spec = new() { Selector = TestObjects.Web, Ports = [new() { Port = 80 }] } }, default);
        await _cluster.Sees<Event>("tight", "the event", all => all.Any(e => e is { Reason: "FailedToUpdateEndpointSlices", Type: "Warning", InvolvedObject.Name: "web" }
            && e.Message.StartsWith("Error updating Endpoint Slices for Service tight/web: failed to create EndpointSlice for Service tight/web: ", StringComparison.Ordinal)
            && e.Message.Contains("exceeded quota", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Old_labels_of_a_node_follow_the_new_ones()
    {
        await _cluster.Admin.CreateAsync(new Node { Metadata = new() { Name = "old", Labels = new Dictionary<string, string> { ["kubernetes.io/os"] = "linux", ["beta.kubernetes.io/os"] = "other" } } }, default);
        await _cluster.Sees<Node>("", "the old label", all => all.Any(n => n.Metadata.Name == "old" && n.Metadata.Labels.GetValueOrDefault("beta.kubernetes.io/os") == "linux"));
    }

    [Fact]
    public async Task A_deployment_becomes_pods_and_says_when_it_is_available()
    {
        await CreateDeploymentAsync("web", 3);
        var done = await Settled("web", 3);
        Assert.Equal("1", done.Metadata.Annotations[DeploymentAnnotations.Revision]);
        Assert.Equal("NewReplicaSetAvailable", DeploymentStatusPlan.Find(done.Status, "Progressing")!.Reason);
        var set = Assert.Single(await _cluster.Sees<ReplicaSet>("default", "one ReplicaSet", all => all.Count == 1));
        var pods = await _cluster.Sees<Pod>("default", "three pods", all => all.Count == 3);
        Assert.All(pods, p => Assert.Equal(set.Metadata.Uid, p.ControllerRef()!.Uid));
        Assert.All(pods, p => Assert.StartsWith(set.Metadata.Name + "-", p.Metadata.Name));
        await _cluster.Sees<Event>("default", "an event of the Deployment", all => all.Any(e => e.Reason == "ScalingReplicaSet" && e.Message == $"Scaled up replica set {set.Metadata.Name} from 0 to 3" && e.Source.Component == "deployment-controller"));
        await _cluster.Sees<Event>("default", "three events of the ReplicaSet", all => all.Count(e => e.Reason == "SuccessfulCreate") == 3);
    }

    [Fact]
    public async Task A_replication_controller_keeps_its_pods_and_releases_those_that_do_not_match()
    {
        var template = TestObjects.Template("v1");
        var labels = template.Metadata.Labels;
        await _cluster.Admin.CreateAsync(new ReplicationController { Metadata = new() { Namespace = "default", Name = "web" }, Spec = new() { Replicas = 2, Template = template } }, default);
        var pods = await _cluster.Sees<Pod>("default", "two pods", all => all.Count == 2);
        Assert.All(pods, p => Assert.Equal(("ReplicationController", "web"), (p.ControllerRef()!.Kind, p.ControllerRef()!.Name)));
        await _cluster.Sees<ReplicationController>("default", "its status", all => all.Any(c => c.Status is { Replicas: 2, ReadyReplicas: 2, AvailableReplicas: 2, FullyLabeledReplicas: 2, ObservedGeneration: 1 }));
        await _cluster.Sees<Event>("default", "events", all => all.Count(e => e.Reason == "SuccessfulCreate" && e.Source.Component == "replication-controller") == 2);
        var relabelled = new JsonObject(labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)"free")));
        var free = await _cluster.Admin.PatchAsync<Pod>("default", pods[0].Metadata.Name, Patch.Merge(new() { ["metadata"] = new JsonObject { ["labels"] = relabelled } }), null, default);
        await _cluster.Sees<Pod>("default", "a third pod, the first one free", all => all.Count == 3 && all.Single(p => p.Metadata.Uid == free.Metadata.Uid).ControllerRef() is null);
        await _cluster.Admin.PatchAsync<ReplicationController>("default", "web", Patch.Merge(new() { ["spec"] = new JsonObject { ["replicas"] = 0 } }), null, default);
        await _cluster.Sees<Pod>("default", "the free one alone", all => all.Count == 1 && all[0].Metadata.Uid == free.Metadata.Uid);
    }

    [Fact]
    public async Task A_quota_shows_what_its_namespace_uses_now()
    {
        var hard = new Dictionary<string, Quantity> { ["configmaps"] = new(10), ["pods"] = new(5), ["requests.cpu"] = new(4), ["count/replicationcontrollers"] = new(2) };
        var before = (await _cluster.Sees<ConfigMap>("default", "the root certificate", all => all.Count > 0)).Count;
        await _cluster.Admin.CreateAsync(new ResourceQuota { Metadata = new() { Namespace = "default", Name = "q" }, Spec = new() { Hard = hard } }, default);
        await Uses(before, 0, "0", 0);
        await _cluster.Admin.CreateAsync(new ConfigMap { Metadata = new() { Namespace = "default", Name = "one" } }, default);
        var template = TestObjects.Template("v1");
        template = template with { Spec = template.Spec with { Containers = [template.Spec.Containers[0] with { Resources = new() { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("500m") } } }] } };
        await _cluster.Admin.CreateAsync(new ReplicationController { Metadata = new() { Namespace = "default", Name = "web" }, Spec = new() { Replicas = 3, Template = template } }, default);
        await Uses(before + 1, 3, "1500m", 1);
        await _cluster.Admin.DeleteAsync<ConfigMap>("default", "one", null, default);
        await _cluster.Admin.DeleteAsync<ReplicationController>("default", "web", new DeleteOptions { PropagationPolicy = DeletionPropagation.Background }, default);
        await Uses(before, 0, "0", 0);

        Task Uses(int maps, int pods, string cpu, int controllers) =>
            _cluster.Sees<ResourceQuota>("default", $"{maps} config maps, {pods} pods, {cpu} cpu", all => all.SingleOrDefault()?.Status is { } status && status.Hard.Count == 4 && status.Used.Count == 4
                && status.Used["configmaps"] == new Quantity(maps) && status.Used["pods"] == new Quantity(pods) && status.Used["requests.cpu"] == Quantity.Parse(cpu)
                && status.Used["count/replicationcontrollers"] == new Quantity(controllers));
    }

    [Fact]
    public async Task A_deleted_pod_is_replaced()
    {
        await CreateDeploymentAsync("web", 2);
        await Settled("web", 2);
        var victim = (await _cluster.Sees<Pod>("default", "two pods", all => all.Count == 2))[0];
        await _cluster.Admin.DeleteAsync<Pod>("default", victim.Metadata.Name, null, default);
        await _cluster.Sees<Pod>("default", "two pods without the deleted one", all => all.Count == 2 && all.All(p => p.Metadata.Uid != victim.Metadata.Uid));
    }

    [Fact]
    public async Task A_load_balancer_has_an_address_as_long_as_the_tunnels_lease_is_fresh()
    {
        await _cluster.Admin.CreateAsync(new Service { Metadata = new() { Namespace = "default", Name = "lb" }, Spec = new() { Type = "LoadBalancer", Ports = [new() { Port = 80 }] } }, default);
        await LeaseAsync(3600);
        var given = (await _cluster.Sees<Service>("default", "an address", all => all.Any(s => s.Status.LoadBalancer.Ingress.Count == 1))).Single(s => s.Metadata.Name == "lb");
        Assert.Equal((given.Spec.ClusterIP, "VIP"), (given.Status.LoadBalancer.Ingress[0].IP, given.Status.LoadBalancer.Ingress[0].IPMode));
        await _cluster.Admin.DeleteAsync<Lease>(TunnelLease.Namespace, TunnelLease.Name, null, default);
        await _cluster.Sees<Service>("default", "no address after the tunnel's end", all => all.All(s => s.Status.LoadBalancer.Ingress.Count == 0));

        // A tunnel that was killed says nothing: its Lease runs out.
        await LeaseAsync(2);
        await _cluster.Sees<Service>("default", "an address again", all => all.Any(s => s.Status.LoadBalancer.Ingress.Count == 1));
        await _cluster.Sees<Service>("default", "no address after the Lease ran out", all => all.All(s => s.Status.LoadBalancer.Ingress.Count == 0));
    }

    [Fact]
    public async Task A_new_template_rolls_out_and_can_be_rolled_back()
    {
        await CreateDeploymentAsync("web", 4);
        await Settled("web", 4);
        await ChangeAsync("web", d => d with { Spec = d.Spec with { Template = TestObjects.Template("v2") } });
        await Settled("web", 4, revision: "2");
        var sets = await _cluster.Sees<ReplicaSet>("default", "an old empty and a new full ReplicaSet", all => all.Count == 2 && all.Select(s => s.Status.Replicas).Order().SequenceEqual([0, 4]));
        Assert.Equal("v2", sets.Single(s => s.Status.Replicas == 4).Spec.Template.Spec.Containers[0].Image);
        await ChangeAsync("web", d => d with { Spec = d.Spec with { Template = TestObjects.Template("v1") } });
        await Settled("web", 4, revision: "3");
        await _cluster.Sees<ReplicaSet>("default", "still two sets, the first in use again", all => all.Count == 2 && all.Any(s => s.Status.Replicas == 4 && s.Metadata.Annotations.GetValueOrDefault(DeploymentAnnotations.History) == "1"));
    }

    [Fact]
    public async Task A_set_that_cannot_be_created_is_told_of()
    {
        await _cluster.Admin.CreateAsync(new ResourceQuota { Metadata = new() { Namespace = "default", Name = "none" }, Spec = new() { Hard = new Dictionary<string, Quantity> { ["count/replicasets.apps"] = new(0) } } }, default);
        await _cluster.Sees<ResourceQuota>("default", "the quota in use", all => all.Any(q => q.Status.Hard.Count == 1));
        await CreateDeploymentAsync("web", 1);
        var seen = await _cluster.Sees<Deployment>("default", "the failure", all => all.SingleOrDefault()?.Status.Conditions.Any(c => c.Reason == "ReplicaSetCreateError") == true);
        var message = seen[0].Status.Conditions.Single(c => c.Type == "Progressing").Message;
        Assert.Matches("^Failed to create new replica set \"web-[a-z0-9]+\": replicasets.apps \"web-[a-z0-9]+\" is forbidden: exceeded quota: none", message);
        await _cluster.Sees<Event>("default", "an event with its words", all => all.Any(e => e is { Type: "Warning", Reason: "ReplicaSetCreateError" } && e.Message == message));
    }

    [Fact]
    public async Task A_recreate_never_runs_both_templates_at_once()
    {
        await CreateDeploymentAsync("web", 3, DeploymentStrategyType.Recreate);
        await Settled("web", 3);
        await ChangeAsync("web", d => d with { Spec = d.Spec with { Template = TestObjects.Template("v2") } });
        await Settled("web", 3, revision: "2");
        var pods = await _cluster.Sees<Pod>("default", "three new pods alone", all => all.Count == 3);
        Assert.All(pods, p => Assert.Equal("v2", p.Spec.Containers[0].Image));
    }

    [Theory]
    [InlineData(DeletionPropagation.Background)]
    [InlineData(DeletionPropagation.Foreground)]
    public async Task A_deleted_deployment_takes_its_sets_and_pods_along(string policy)
    {
        await CreateDeploymentAsync("web", 3);
        await Settled("web", 3);
        await _cluster.Admin.DeleteAsync<Deployment>("default", "web", new DeleteOptions { PropagationPolicy = policy }, default);
        await _cluster.Sees<Pod>("default", "no pod", all => all.Count == 0);
        await _cluster.Sees<ReplicaSet>("default", "no ReplicaSet", all => all.Count == 0);
        await _cluster.Sees<Deployment>("default", "no Deployment", all => all.Count == 0);
    }

    [Fact]
    public async Task An_orphaning_deletion_leaves_them_and_a_new_owner_adopts_them()
    {
        await CreateDeploymentAsync("web", 2);
        await Settled("web", 2);
        await _cluster.Admin.DeleteAsync<Deployment>("default", "web", new DeleteOptions { PropagationPolicy = DeletionPropagation.Orphan }, default);
        await _cluster.Sees<Deployment>("default", "no Deployment", all => all.Count == 0);
        var orphan = Assert.Single(await _cluster.Sees<ReplicaSet>("default", "a free ReplicaSet", all => all.Count == 1 && all[0].Metadata.OwnerReferences.Count == 0));
        await CreateDeploymentAsync("web", 2);
        await _cluster.Sees<ReplicaSet>("default", "the same ReplicaSet, adopted", all => all.Count == 1 && all[0].Metadata.Uid == orphan.Metadata.Uid && all[0].ControllerRef()?.Name == "web");
        await _cluster.Sees<Pod>("default", "the same two pods", all => all.Count == 2);
    }

    [Fact]
    public async Task An_object_of_an_owner_that_does_not_exist_is_collected()
    {
        var owner = new OwnerReference { APIVersion = "v1", Kind = "ConfigMap", Name = "ghost", Uid = "11111111-2222-3333-4444-555555555555" };
        await _cluster.Admin.CreateAsync(new Secret { Metadata = new ObjectMeta { Namespace = "default", Name = "orphan", OwnerReferences = [owner] } }, default);
        await _cluster.Admin.CreateAsync(new Secret { Metadata = new ObjectMeta { Namespace = "default", Name = "free" } }, default);
        await _cluster.Sees<Secret>("default", "the free Secret alone", all => all.Count == 1 && all[0].Metadata.Name == "free");
    }

    [Fact]
    public async Task An_owner_in_another_namespace_is_none_and_is_told_of()
    {
        var owner = await _cluster.Admin.CreateAsync(new ConfigMap { Metadata = new() { Namespace = "default", Name = "owner" } }, default);
        await _cluster.Admin.CreateAsync(new Namespace { Metadata = new() { Name = "other" } }, default);
        var reference = new OwnerReference { APIVersion = "v1", Kind = "ConfigMap", Name = "owner", Uid = owner.Metadata.Uid };
        await _cluster.Admin.CreateAsync(new ConfigMap { Metadata = new() { Namespace = "other", Name = "child", OwnerReferences = [reference] } }, default);
        var text = $"ownerRef [v1/ConfigMap, namespace: other, name: owner, uid: {owner.Metadata.Uid}] does not exist in namespace \"other\"";
        await _cluster.Sees<Event>("other", "an event", all => all.Any(e => e is { Type: "Warning", Reason: "OwnerRefInvalidNamespace" } && e.Message == text && e.InvolvedObject is { Kind: "ConfigMap", Name: "child" }));
        await _cluster.Sees<ConfigMap>("other", "no child", all => all.All(c => c.Metadata.Name != "child"));
        await _cluster.Sees<ConfigMap>("default", "its owner", all => all.Any(c => c.Metadata.Name == "owner"));
    }

    [Fact]
    public async Task A_service_has_endpoints_that_follow_its_pods()
    {
        await _cluster.Admin.CreateAsync(new Service { Metadata = new ObjectMeta { Namespace = "default", Name = "web" }, Spec = new ServiceSpec { Selector = TestObjects.Web, Ports = [new ServicePort { Port = 80, TargetPort = 8080 }] } }, default);
        await _cluster.Sees<EndpointSlice>("default", "an empty slice", all => all.Any(s => s.Metadata.GenerateName == "web-" && s.Endpoints.Count == 0));
        await CreateDeploymentAsync("web", 3);
        await Settled("web", 3);
        await _cluster.Sees<EndpointSlice>("default", "three ready endpoints", all => all.Where(s => s.Metadata.GenerateName == "web-").SelectMany(s => s.Endpoints).Count(e => e.Conditions.Ready == true) == 3);
        await _cluster.Sees<Legacy>("default", "three addresses", all => all.Where(e => e.Metadata.Name == "web").SelectMany(e => e.Subsets).Sum(s => s.Addresses.Count) == 3);
        await _cluster.Admin.DeleteAsync<Service>("default", "web", null, default);
        await _cluster.Sees<EndpointSlice>("default", "no slice of the Service", all => all.All(s => s.Metadata.GenerateName != "web-"));
        await _cluster.Sees<Legacy>("default", "no Endpoints of the Service", all => all.All(e => e.Metadata.Name != "web"));
    }

    [Fact]
    public async Task A_pod_on_a_node_that_is_not_known_is_no_endpoint_until_the_node_is()
    {
        await _cluster.Admin.CreateAsync(new Service { Metadata = new ObjectMeta { Namespace = "default", Name = "far" }, Spec = new ServiceSpec { Selector = TestObjects.Web, Ports = [new ServicePort { Port = 80, TargetPort = 8080 }] } }, default);
        await _cluster.Admin.CreateAsync(
            new Pod { Metadata = new ObjectMeta { Namespace = "default", Name = "p", Labels = TestObjects.Web }, Spec = new PodSpec { NodeName = "late", Containers = [new Container { Name = "c", Image = "i" }] } }, default);
        await _cluster.Sees<Event>("default", "the word of the controller", all => all.Any(e => e.Reason == "FailedToUpdateEndpointSlices"
            && e.Message == "Error updating Endpoint Slices for Service default/far: skipping Pod p for Service default/far: Node late Not Found"));
        await _cluster.Admin.CreateAsync(new Node { Metadata = new ObjectMeta { Name = "late", Labels = new Dictionary<string, string> { ["topology.kubernetes.io/zone"] = "z" } } }, default);
        await _cluster.Sees<EndpointSlice>("default", "an endpoint in its zone", all => all.Where(s => s.Metadata.GenerateName == "far-").SelectMany(s => s.Endpoints).Any(e => e is { NodeName: "late", Zone: "z" }));
    }

    [Fact]
    public async Task Topology_mode_Auto_gives_hints_while_the_nodes_have_zones()
    {
        await _cluster.Sees<Node>("", "the node's range", all => all.Any(n => n.Metadata.Name == PodRunner.NodeName && n.Spec.PodCIDR.Length > 0)); // an update may not take it back
        var controlPlane = await _cluster.Admin.GetAsync<Node>("", PodRunner.NodeName, default); // ready, without a zone: it must not count
        await _cluster.Admin.UpdateAsync(controlPlane.WithMetadata(controlPlane.Metadata with { ResourceVersion = "", Labels = new Dictionary<string, string> { ["node-role.kubernetes.io/control-plane"] = "" } }), default);
        foreach (var (node, zone) in new[] { ("zone-1", "z1"), ("zone-2", "z2") })
        {
            var made = await _cluster.Admin.CreateAsync(new Node { Metadata = new ObjectMeta { Name = node, Labels = new Dictionary<string, string> { ["topology.kubernetes.io/zone"] = zone } } }, default);
            var status = new NodeStatus { Allocatable = new Dictionary<string, Api.Quantity> { ["cpu"] = Api.Quantity.Parse("2") }, Conditions = [new NodeCondition { Type = "Ready", Status = "True" }] };
            await _cluster.Admin.UpdateStatusAsync(made.WithMetadata(made.Metadata with { ResourceVersion = "" }) with { Status = status }, default); // controllers write it too
            await _cluster.Sees<Node>("", "a ready " + node, all => all.Any(n => n.Metadata.Name == node && n.Status.Allocatable.Count > 0));
        }

        await _cluster.Admin.CreateAsync(new Service
        {
            Metadata = new ObjectMeta { Namespace = "default", Name = "near", Annotations = new Dictionary<string, string> { ["service.kubernetes.io/topology-mode"] = "Auto" } },
            Spec = new ServiceSpec { Selector = TestObjects.Web, Ports = [new ServicePort { Port = 80, TargetPort = 8080 }] },
        }, default);
        foreach (var (pod, node) in new[] { ("a", "zone-1"), ("b", "zone-1"), ("c", "zone-2"), ("d", "zone-2") })
        {
            await _cluster.Admin.CreateAsync(new Pod { Metadata = new ObjectMeta { Namespace = "default", Name = pod, Labels = TestObjects.Web }, Spec = new PodSpec { NodeName = node, Containers = [new Container { Name = "c", Image = "i" }] } }, default);
        }

        await SeesHints("a z1,b z1,c z2,d z2");
        await _cluster.Sees<Event>("default", "the event", all => all.Any(e => e.Reason == "TopologyAwareHintsEnabled" && e.Type == "Normal" && e.Message == "Topology Aware Hints has been enabled, addressType: IPv4"));

        var second = (await _cluster.Sees<Node>("", "both nodes", all => all.Count > 1)).Single(n => n.Metadata.Name == "zone-2");
        await _cluster.Admin.UpdateAsync(second.WithMetadata(second.Metadata with { ResourceVersion = "", Labels = new Dictionary<string, string>() }), default);
        await SeesHints("a ,b ,c ,d ");
        await _cluster.Sees<Event>("default", "the reason", all => all.Any(e => e.Type == "Warning" && e.Message == "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes, addressType: IPv4"));

        async Task SeesHints(string expected) => await _cluster.Sees<EndpointSlice>("default", expected, all => expected == string.Join(',', all
            .Where(s => s.Metadata.GenerateName == "near-").SelectMany(s => s.Endpoints)
            .Select(e => $"{e.TargetRef!.Name} {e.Hints?.ForZones.Single().Name}").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task A_namespace_gets_its_account_and_authority_and_goes_with_all_it_has()
    {
        await _cluster.Admin.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = "team" } }, default);
        await _cluster.Sees<ServiceAccount>("team", "the default account", all => all.Count == 1);
        var map = Assert.Single(await _cluster.Sees<ConfigMap>("team", "the authority", all => all.Count == 1));
        Assert.Equal(("kube-root-ca.crt", TestCluster.Authority), (map.Metadata.Name, map.Data["ca.crt"]));
        await CreateDeploymentAsync("web", 2, ns: "team");
        await _cluster.Sees<Pod>("team", "two pods", all => all.Count == 2);
        await _cluster.Admin.DeleteAsync<Namespace>("", "team", null, default);
        await _cluster.Sees<Namespace>("", "no namespace team", all => all.All(n => n.Metadata.Name != "team"));
        await _cluster.Sees<Pod>("team", "no pod in it", all => all.Count == 0);
    }

    [Fact]
    public async Task A_deleted_account_and_authority_come_back()
    {
        var before = Assert.Single(await _cluster.Sees<ConfigMap>("default", "the authority", all => all.Count == 1));
        await _cluster.Admin.DeleteAsync<ConfigMap>("default", before.Metadata.Name, null, default);
        await _cluster.Admin.DeleteAsync<ServiceAccount>("default", "default", null, default);
        await _cluster.Sees<ConfigMap>("default", "a new authority", all => all.Count == 1 && all[0].Metadata.Uid != before.Metadata.Uid);
        await _cluster.Sees<ServiceAccount>("default", "a new account", all => all.Count == 1);
    }

    [Fact]
    public async Task Endpoints_made_by_hand_are_mirrored_while_their_service_has_no_selector()
    {
        await _cluster.Admin.CreateAsync(new Service { Metadata = new ObjectMeta { Namespace = "default", Name = "outside" }, Spec = new ServiceSpec { Ports = [new ServicePort { Port = 80 }] } }, default);
        var subset = new EndpointSubset { Addresses = [new EndpointAddress { IP = "192.0.2.7" }], NotReadyAddresses = [new EndpointAddress { IP = "192.0.2.8" }], Ports = [new Api.Core.V1.EndpointPort { Port = 8080, Protocol = "TCP" }] };
        await _cluster.Admin.CreateAsync(new Legacy { Metadata = new ObjectMeta { Namespace = "default", Name = "outside" }, Subsets = [subset] }, default);
        var slices = await _cluster.Sees<EndpointSlice>("default", "a mirror", all => all.Any(s => s.Metadata.GenerateName == "outside-"));
        var mirror = slices.Single(s => s.Metadata.GenerateName == "outside-");
        Assert.Equal(("endpointslicemirroring-controller.k8s.io", "outside", "IPv4"), (mirror.Metadata.Labels["endpointslice.kubernetes.io/managed-by"], mirror.Metadata.Labels["kubernetes.io/service-name"], mirror.AddressType));
        Assert.Equal([("192.0.2.7", true), ("192.0.2.8", false)], mirror.Endpoints.Select(e => (e.Addresses[0], e.Conditions.Ready!.Value)).Order());
        await _cluster.Admin.DeleteAsync<Legacy>("default", "outside", null, default);
        await _cluster.Sees<EndpointSlice>("default", "no mirror", all => all.All(s => s.Metadata.GenerateName != "outside-"));
    }

    [Fact]
    public async Task An_aggregated_role_takes_up_the_rules_of_its_parts()
    {
        var part = new Api.Rbac.V1.ClusterRole
        {
            Metadata = new ObjectMeta { Name = "widgets-view", Labels = new Dictionary<string, string> { ["rbac.authorization.k8s.io/aggregate-to-view"] = "true" } },
            Rules = [new Api.Rbac.V1.PolicyRule { APIGroups = ["example.com"], Resources = ["widgets"], Verbs = ["get"] }],
        };
        await _cluster.Admin.CreateAsync(part, default);
        await _cluster.Sees<Api.Rbac.V1.ClusterRole>("", "view with widgets", all => all.Any(r => r.Metadata.Name == "view" && r.Rules.Any(rule => rule.Resources.Contains("widgets"))));
        await _cluster.Admin.DeleteAsync<Api.Rbac.V1.ClusterRole>("", "widgets-view", null, default);
        await _cluster.Sees<Api.Rbac.V1.ClusterRole>("", "view without widgets", all => all.Any(r => r.Metadata.Name == "view" && !r.Rules.Any(rule => rule.Resources.Contains("widgets"))));
    }

    [Fact]
    public async Task Nodes_get_parts_of_the_pod_range()
    {
        await _cluster.Admin.CreateAsync(new Node { Metadata = new ObjectMeta { Name = "n2" } }, default);
        var nodes = await _cluster.Sees<Node>("", "two nodes with a range", all => all.Count == 2 && all.All(n => n.Spec.PodCIDRs.Count == 1));
        Assert.Equal(["10.244.0.0/24", "10.244.1.0/24"], nodes.Select(n => n.Spec.PodCIDR).Order());
    }

    private Task<Deployment> CreateDeploymentAsync(string name, int replicas, string strategy = DeploymentStrategyType.RollingUpdate, string ns = "default")
    {
        var deployment = TestObjects.Deployment(replicas, strategy: strategy);
        return _cluster.Admin.CreateAsync(deployment with { Metadata = new ObjectMeta { Namespace = ns, Name = name } }, default);
    }

    private async Task ChangeAsync(string name, Func<Deployment, Deployment> change)
    {
        var before = await _cluster.Admin.GetAsync<Deployment>("default", name, default);
        await _cluster.Admin.PatchAsync<Deployment>("default", name, Patch.Between(before, change(before))!, null, default);
    }

    private Task<Lease> LeaseAsync(int seconds) => _cluster.Admin.CreateAsync(
        new Lease
        {
            Metadata = new() { Namespace = TunnelLease.Namespace, Name = TunnelLease.Name },
            Spec = new() { HolderIdentity = "test", LeaseDurationSeconds = seconds, RenewTime = TimeProvider.System.GetUtcNow() },
        },
        default);

    private async Task<Deployment> Settled(string name, int replicas, string revision = "1")
    {
        var all = await _cluster.Sees<Deployment>("default", $"{name} to have rolled out revision {revision} with {replicas} pods", all => all.Any(d =>
            d.Metadata.Name == name && d.Metadata.Annotations.GetValueOrDefault(DeploymentAnnotations.Revision) == revision && DeploymentStatusPlan.IsComplete(d, d.Status) && d.Status.Replicas == replicas
            && DeploymentStatusPlan.Find(d.Status, "Progressing")?.Reason == "NewReplicaSetAvailable"));
        return all.Single(d => d.Metadata.Name == name);
    }
}
