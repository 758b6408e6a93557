using Kobune.Api;
using Kobune.Api.Certificates.V1Beta1;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.Api.Storage.V1;
using Kobune.Client;
using Kobune.ControllerManager;

namespace Kobune.Testing.Tests.Metrics;

/// <summary>Controllers that run only where they are asked for, or where their API is on.</summary>
public sealed class OptionalControllerTests
{
    private const string Signer = "kubernetes.io/kube-apiserver-serving";
    private const string Publisher = "kube-apiserver-serving-clustertrustbundle-publisher-controller";
    private const string Conflicts = "selinux_warning_controller_selinux_volume_conflict";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pods_that_share_a_volume_with_other_labels_are_told_while_both_are_there()
    {
        await using var cluster = await MeteredCluster.StartAsync(c => Adding(c, o => o with { Enabled = new HashSet<string> { "selinux-warning-controller" } }));
        await ShareAsync(cluster);
        await cluster.PassAsync();
        Assert.Empty(cluster.Samples(Conflicts)); // the driver does not mount with labels
        var driver = await cluster.Client.GetAsync<CSIDriver>("", "d.test", Ct);
        await cluster.Client.UpdateAsync(driver with { Spec = driver.Spec with { SELinuxMount = true } }, Ct);
        await cluster.PassAsync(5);
        Assert.Equal(
            [
                "{pod1_name=one,pod1_namespace=default,pod1_value=:::s0:c1,pod2_name=two,pod2_namespace=default,pod2_value=:::s0:c2,property=SELinuxLabel} 1",
                "{pod1_name=two,pod1_namespace=default,pod1_value=:::s0:c2,pod2_name=one,pod2_namespace=default,pod2_value=:::s0:c1,property=SELinuxLabel} 1",
            ],
            cluster.Samples(Conflicts));
        var told = (await cluster.Client.ListAsync<Event>("default", null, Ct)).Items.Where(e => e.Reason == "SELinuxLabelConflict").ToList();
        Assert.Equal(["one", "two"], told.Select(e => e.InvolvedObject.Name).Order(StringComparer.Ordinal));
        Assert.All(told, e => Assert.Equal(("Normal", "selinux_warning"), (e.Type, e.Source.Component)));
        Assert.Contains(told, e => e.Message == "SELinuxLabel \":::s0:c1\" conflicts with pod two that uses the same volume as this pod with SELinuxLabel \":::s0:c2\". If both pods land on the same node, only one of them may access the volume.");

        await cluster.Client.DeleteAsync<Pod>("default", "two", new() { GracePeriodSeconds = 0 }, Ct);
        await cluster.PassAsync(5);
        Assert.Empty(cluster.Samples(Conflicts));
        Assert.Empty(cluster.Inner.DeniedRequests);
    }

    [Fact]
    public async Task Nobody_warns_where_that_was_not_asked_for()
    {
        await using var cluster = await MeteredCluster.StartAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => cluster.Inner.StopControllerAsync("selinux-warning-controller"));
    }

    [Fact]
    public async Task The_authority_is_published_as_a_trust_bundle_and_what_is_not_it_goes()
    {
        var gates = FeatureGates.Parse(KubernetesVersion.Newest, "ClusterTrustBundle=true");
        await using var cluster = await MeteredCluster.StartAsync(Serving, gates);
        await cluster.PassAsync();
        var bundle = Assert.Single((await cluster.Client.ListAsync<ClusterTrustBundle>("", null, Ct)).Items);
        Assert.Matches("^kubernetes\\.io:kube-apiserver-serving:[0-9a-f]{24}$", bundle.Metadata.Name);
        var authority = (await cluster.Client.GetAsync<ConfigMap>("default", "kube-root-ca.crt", Ct)).Data["ca.crt"];
        Assert.Equal((Signer, authority), (bundle.Spec.SignerName, bundle.Spec.TrustBundle));
        Assert.Equal(2, cluster.Value("clustertrustbundle_publisher_sync_duration_seconds_count{code=\"200\"}"));

        await cluster.CreateAsync(new ClusterTrustBundle { Metadata = new() { Name = "kubernetes.io:kube-apiserver-serving:old" }, Spec = bundle.Spec });
        await cluster.CreateAsync(new ClusterTrustBundle { Metadata = new() { Name = "mine" }, Spec = new() { TrustBundle = authority } });
        await cluster.PassAsync(5);
        Assert.Equal([bundle.Metadata.Name, "mine"], (await cluster.Client.ListAsync<ClusterTrustBundle>("", null, Ct)).Items.Select(b => b.Metadata.Name).Order(StringComparer.Ordinal));
        await cluster.Client.DeleteAsync<ClusterTrustBundle>("", bundle.Metadata.Name, null, Ct);
        await cluster.PassAsync(5);
        Assert.Equal(authority, (await cluster.Client.GetAsync<ClusterTrustBundle>("", bundle.Metadata.Name, Ct)).Spec.TrustBundle);
        Assert.True(cluster.Value("clustertrustbundle_publisher_sync_total{code=\"200\"}") >= 3);
        Assert.Empty(cluster.Inner.DeniedRequests);
    }

    [Fact]
    public async Task A_gate_without_its_api_starts_no_controller_that_could_not_work()
    {
        var gates = FeatureGates.Parse(KubernetesVersion.Newest, "ClusterTrustBundle=true,StorageVersionMigrator=true");
        await using var cluster = await MeteredCluster.StartAsync(features: gates);
        await Assert.ThrowsAsync<ArgumentException>(() => cluster.Inner.StopControllerAsync(Publisher));
        await Assert.ThrowsAsync<ArgumentException>(() => cluster.Inner.StopControllerAsync("storage-version-migrator-controller"));
    }

    private static TestClusterOptions Serving(TestClusterOptions options) => options with
    {
        Settings = s => options.Settings!(s) with { Server = server => server with { RuntimeConfig = RuntimeConfig.TryParse("certificates.k8s.io/v1beta1")! } },
    };

    private static TestClusterOptions Adding(TestClusterOptions options, Func<ControllerManagerOptions, ControllerManagerOptions> more) => options with
    {
        Settings = s => options.Settings!(s) is var settings ? settings with { Controllers = c => more(settings.Controllers!(c)) } : s,
    };

    private static async Task ShareAsync(MeteredCluster cluster)
    {
        await cluster.CreateAsync(new CSIDriver { Metadata = new() { Name = "d.test" }, Spec = new() { AttachRequired = false } });
        var room = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse("1Gi") };
        await cluster.CreateAsync(new PersistentVolumeClaim
        {
            Metadata = new() { Name = "c", Namespace = "default" },
            Spec = new() { AccessModes = ["ReadWriteMany"], StorageClassName = "", VolumeName = "v", Resources = new() { Requests = room } },
        });
        await cluster.CreateAsync(new PersistentVolume
        {
            Metadata = new() { Name = "v" },
            Spec = new() { AccessModes = ["ReadWriteMany"], Capacity = room, CSI = new() { Driver = "d.test", VolumeHandle = "h" } },
        });
        foreach (var (name, level) in new[] { ("one", "s0:c1"), ("two", "s0:c2") })
        {
            await cluster.CreateAsync(new Pod
            {
                Metadata = new() { Name = name, Namespace = "default" },
                Spec = new()
                {
                    SecurityContext = new() { SELinuxOptions = new() { Level = level } },
                    Volumes = [new() { Name = "data", PersistentVolumeClaim = new() { ClaimName = "c" } }],
                    Containers = [new() { Name = "c", Image = "i", VolumeMounts = [new() { Name = "data", MountPath = "/data" }] }],
                },
            });
        }
    }
}
