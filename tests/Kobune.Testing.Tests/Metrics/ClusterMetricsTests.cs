using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Storage.V1;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Testing.Tests.Metrics;

/// <summary>Slices, ranges of nodes, volumes and claims of devices are counted.</summary>
public sealed class ClusterMetricsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Slices_are_counted_by_endpoints_changes_and_distribution()
    {
        await using var cluster = await MeteredCluster.StartAsync();
        var (before, were) = (cluster.Value("endpoint_slice_controller_num_endpoint_slices"), cluster.Value("endpoint_slice_controller_endpoints_added_per_sync_sum") ?? 0);
        await cluster.CreateAsync(Manifests.Deployment("web", 3));
        await cluster.PassAsync(5);
        await cluster.CreateAsync(new Service
        {
            Metadata = new() { Name = "web", Namespace = "default" },
            Spec = new() { Selector = new Dictionary<string, string> { ["app"] = "web" }, Ports = [new() { Port = 80 }], TrafficDistribution = "PreferSameNode" },
        });
        await cluster.PassAsync();
        Assert.Equal(before + 1, cluster.Value("endpoint_slice_controller_num_endpoint_slices"));
        Assert.Equal(cluster.Value("endpoint_slice_controller_num_endpoint_slices"), cluster.Value("endpoint_slice_controller_desired_endpoint_slices"));
        Assert.Equal(3, cluster.Value("endpoint_slice_controller_endpoints_desired"));
        Assert.Equal(were + 3, cluster.Value("endpoint_slice_controller_endpoints_added_per_sync_sum"));
        Assert.Equal(["{traffic_distribution=PreferSameNode} 1"], cluster.Samples("endpoint_slice_controller_services_count_by_traffic_distribution"));
        Assert.Equal(1, cluster.Value("endpoint_slice_controller_endpointslices_changed_per_sync_sum{topology=\"Disabled\",traffic_distribution=\"PreferSameNode\"}"));
        Assert.True(cluster.Value("endpoint_slice_controller_changes{operation=\"create\"}") >= 1);

        var web = await cluster.Client.GetAsync<Api.Apps.V1.Deployment>("default", "web", Ct);
        await cluster.Client.UpdateAsync(web with { Spec = web.Spec with { Replicas = 1 } }, Ct);
        await cluster.PassAsync(60);
        Assert.Equal(2, cluster.Value("endpoint_slice_controller_endpoints_removed_per_sync_sum"));
        Assert.Equal(1, cluster.Value("endpoint_slice_controller_endpoints_desired"));
        Assert.True(cluster.Value("endpoint_slice_controller_changes{operation=\"update\"}") >= 1);
    }

    [Fact]
    public async Task Mirrors_are_counted_with_what_they_leave_out()
    {
        await using var cluster = await MeteredCluster.StartAsync();
        await cluster.CreateAsync(new Service { Metadata = new() { Name = "far", Namespace = "default" }, Spec = new() { Ports = [new() { Port = 80 }] } });
        var made = await cluster.Client.CreateAsync(Far([.. Enumerable.Range(0, 1003).Select(i => $"10.1.{i / 200}.{(i % 200) + 1}")]), Ct);
        await cluster.PassAsync();
        Assert.Equal(["{operation=create} 1"], cluster.Samples("endpoint_slice_mirroring_controller_changes"));
        Assert.Equal((1000, 1, 1), (Gauge("endpoints_desired"), Gauge("num_endpoint_slices"), Gauge("desired_endpoint_slices")));
        Assert.Equal((1000, 0, 0), (Gauge("endpoints_added_per_sync_sum"), Gauge("endpoints_updated_per_sync_sum"), Gauge("endpoints_removed_per_sync_sum")));
        Assert.Equal(3, Gauge("addresses_skipped_per_sync_sum") / Gauge("addresses_skipped_per_sync_count"));
        var told = Assert.Single((await cluster.Client.ListAsync<Event>("default", null, Ct)).Items, e => e.Reason == "TooManyAddressesToMirror");
        Assert.Equal(("Warning", "endpoint-slice-mirroring-controller", "A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 3 addresses were skipped"), (told.Type, told.Source.Component, told.Message));
        Assert.True(Gauge("endpoints_sync_duration_count") >= 1);

        await cluster.Client.UpdateAsync(Far("10.1.0.2") with { Metadata = made.Metadata }, Ct);
        await cluster.PassAsync();
        Assert.Equal((1, 999), (Gauge("endpoints_desired"), Gauge("endpoints_removed_per_sync_sum")));
        double? Gauge(string name) => cluster.Value("endpoint_slice_mirroring_controller_" + name);
    }

    [Fact]
    public async Task Parts_of_the_pod_range_are_counted_when_nodes_come_and_go()
    {
        await using var cluster = await MeteredCluster.StartAsync(o => o with { Nodes = 2 });
        await cluster.PassAsync();
        Assert.Equal(["{clusterCIDR=10.244.0.0/16} 256"], cluster.Samples("node_ipam_controller_cirdset_max_cidrs"));
        Assert.Equal(2 / 256.0, cluster.Value("node_ipam_controller_cidrset_usage_cidrs{clusterCIDR=\"10.244.0.0/16\"}"));
        Assert.Equal(2, cluster.Value("node_ipam_controller_cidrset_cidrs_allocations_total{clusterCIDR=\"10.244.0.0/16\"}"));
        Assert.Equal(["{manager=kube-controller-manager,name=nodeipam} 1"], cluster.Samples("running_managed_controllers"));
        Assert.True(cluster.Value("node_collector_update_node_health_duration_seconds_count") >= 2);
        await cluster.CreateAsync(new Node { Metadata = new() { Name = "guest" } });
        await cluster.PassAsync();
        await cluster.Client.DeleteAsync<Node>("", "guest", null, Ct);
        await cluster.PassAsync();
        Assert.Equal(3, cluster.Value("node_ipam_controller_cidrset_cidrs_allocations_total{clusterCIDR=\"10.244.0.0/16\"}"));
        Assert.Equal(["{clusterCIDR=10.244.0.0/16} 1"], cluster.Samples("node_ipam_controller_cidrset_cidrs_releases_total"));
        Assert.Equal(2 / 256.0, cluster.Value("node_ipam_controller_cidrset_usage_cidrs{clusterCIDR=\"10.244.0.0/16\"}"));
    }

    [Fact]
    public async Task Volumes_and_claims_are_counted_by_state_and_how_long_their_making_takes()
    {
        await using var cluster = await MeteredCluster.StartAsync();
        await cluster.CreateAsync(Claim("early"));
        await cluster.PassAsync();
        Assert.Equal(["{namespace=default,storage_class=,volume_attributes_class=} 1"], cluster.Samples("pv_collector_unbound_pvc_count"));
        Assert.Equal((0, 0), (cluster.Value("retroactive_storageclass_total"), cluster.Value("retroactive_storageclass_errors_total")));
        await cluster.CreateAsync(new StorageClass { Metadata = new() { Name = "fast", Annotations = new Dictionary<string, string> { ["storageclass.kubernetes.io/is-default-class"] = "true" } }, Provisioner = "d.test" });
        await cluster.PassAsync(7);
        Assert.Equal(1, cluster.Value("retroactive_storageclass_total"));
        await cluster.CreateAsync(new CSIDriver { Metadata = new() { Name = "d.test" } });
        var claim = await cluster.Client.GetAsync<PersistentVolumeClaim>("default", "early", Ct);
        await cluster.CreateAsync(Volume("v", claim));
        await cluster.CreateAsync(Volume("spare", null) with { Metadata = new() { Name = "spare" } });
        await cluster.PassAsync();
        Assert.Equal(["{storage_class=fast} 1"], cluster.Samples("pv_collector_bound_pv_count"));
        Assert.Equal(["{storage_class=fast} 1"], cluster.Samples("pv_collector_unbound_pv_count"));
        Assert.Equal(["{plugin_name=kubernetes.io/csi:d.test,volume_mode=Filesystem} 2"], cluster.Samples("pv_collector_total_pv_count"));
        Assert.Equal(["{namespace=default,storage_class=fast,volume_attributes_class=} 1"], cluster.Samples("pv_collector_bound_pvc_count"));
        Assert.Empty(cluster.Samples("pv_collector_unbound_pvc_count"));
        Assert.Equal(1, cluster.Value("volume_operation_total_seconds_count{operation_name=\"provision\",plugin_name=\"d.test\"}"));
        Assert.True(cluster.Value("volume_operation_total_seconds_sum{operation_name=\"provision\",plugin_name=\"d.test\"}") >= 6);

        await cluster.CreateAsync(Pod("p", new Volume { Name = "v", PersistentVolumeClaim = new() { ClaimName = "early" } }));
        await cluster.PassAsync();
        var node = (await cluster.Client.GetAsync<Pod>("default", "p", Ct)).Spec.NodeName;
        Assert.Equal([$"{{node={node},volume_plugin=kubernetes.io/csi:d.test}} 1"], cluster.Samples("storage_count_attachable_volumes_in_use"));
        Assert.Contains("{plugin_name=kubernetes.io/csi:d.test,state=desired_state_of_world} 1", cluster.Samples("attachdetach_controller_total_volumes"));
    }

    [Fact]
    public async Task A_class_whose_provisioner_is_not_there_any_more_and_a_volume_nobody_can_delete_are_errors()
    {
        await using var cluster = await MeteredCluster.StartAsync();
        await cluster.CreateAsync(new StorageClass { Metadata = new() { Name = "old" }, Provisioner = "kubernetes.io/gone" });
        await cluster.CreateAsync(Claim("c", "old"));
        await cluster.CreateAsync(Claim("d", "none"));
        var claim = await cluster.Client.GetAsync<PersistentVolumeClaim>("default", "d", Ct);
        var host = Volume("h", claim);
        await cluster.CreateAsync(host with { Spec = host.Spec with { CSI = null, HostPath = new() { Path = "/etc" }, StorageClassName = "none" } });
        await cluster.PassAsync();
        Assert.True(cluster.Value("volume_operation_total_errors{operation_name=\"provision\",plugin_name=\"kubernetes.io/gone\"}") >= 1);
        await cluster.Client.DeleteAsync<PersistentVolumeClaim>("default", "d", null, Ct);
        await cluster.PassAsync();
        Assert.Equal(1, cluster.Value("volume_operation_total_errors{operation_name=\"delete\",plugin_name=\"kubernetes.io/host-path\"}"));
    }

    [Fact]
    public async Task Claims_of_devices_are_counted_by_source_and_how_their_making_went()
    {
        await using var cluster = await MeteredCluster.StartAsync();
        var spec = new ResourceClaimSpec { Devices = new() { Requests = [new() { Name = "r", Exactly = new() { DeviceClassName = "gpu" } }] } };
        await cluster.CreateAsync(new ResourceClaimTemplate { Metadata = new() { Name = "t", Namespace = "default" }, Spec = new() { Spec = spec } });
        await cluster.CreateAsync(new ResourceClaim { Metadata = new() { Name = "own", Namespace = "default" }, Spec = spec });
        var pod = Pod("p");
        await cluster.CreateAsync(pod with { Spec = pod.Spec with { ResourceClaims = [new() { Name = "gpu", ResourceClaimTemplateName = "t" }] } });
        await cluster.PassAsync();
        Assert.Equal(["{admin_access=false,status=success} 1"], cluster.Samples("resourceclaim_controller_creates_total"));
        Assert.Equal(
            ["{admin_access=false,allocated=false,source=resource_claim_template} 1", "{admin_access=false,allocated=false,source=} 1"],
            cluster.Samples("resourceclaim_controller_resource_claims"));
        Assert.Equal(0, cluster.Value("device_taint_eviction_controller_pod_deletions_total"));
    }

    private static Endpoints Far(params string[] addresses) => new()
    {
        Metadata = new() { Name = "far", Namespace = "default" },
        Subsets = [new() { Addresses = [.. addresses.Select(a => new EndpointAddress { IP = a })], Ports = [new() { Port = 80 }] }],
    };

    private static PersistentVolumeClaim Claim(string name, string? storage = null) => new()
    {
        Metadata = new() { Name = name, Namespace = "default" },
        Spec = new() { AccessModes = ["ReadWriteOnce"], StorageClassName = storage, Resources = new() { Requests = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse("1Gi") } } },
    };

    private static PersistentVolume Volume(string name, PersistentVolumeClaim? claim) => new()
    {
        Metadata = new() { Name = name },
        Spec = new()
        {
            AccessModes = ["ReadWriteOnce"],
            StorageClassName = "fast",
            Capacity = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse("1Gi") },
            PersistentVolumeReclaimPolicy = "Delete",
            CSI = new() { Driver = "d.test", VolumeHandle = name },
            ClaimRef = claim is null ? null : new() { Kind = "PersistentVolumeClaim", Namespace = "default", Name = claim.Metadata.Name, Uid = claim.Metadata.Uid },
        },
    };

    private static Pod Pod(string name, params Volume[] volumes) =>
        new() { Metadata = new() { Name = name, Namespace = "default" }, Spec = new() { Volumes = volumes, Containers = [new() { Name = "c", Image = "i" }] } };
}
