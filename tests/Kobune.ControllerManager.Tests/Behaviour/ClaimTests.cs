using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.ControllerManager.Metrics;
using Kobune.ControllerManager.PersistentVolumes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Generic ephemeral volumes, and claims that grow.</summary>
public class ClaimTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_ephemeral_volume_gets_a_claim_that_its_pod_owns_and_gets_it_again_when_it_is_deleted()
    {
        await using var cluster = await TestCluster.StartAsync();
        var pod = await cluster.Admin.CreateAsync(PodWithEphemeral("app"), Ct);
        var claim = Assert.Single(await cluster.Sees<PersistentVolumeClaim>("default", "the claim", all => all.Any(c => c.Metadata.Name == "app-scratch")));
        var owner = Assert.Single(claim.Metadata.OwnerReferences);
        Assert.Equal(("v1", "Pod", "app", pod.Metadata.Uid, true, true), (owner.APIVersion, owner.Kind, owner.Name, owner.Uid, owner.Controller, owner.BlockOwnerDeletion));
        Assert.Equal("yes", claim.Metadata.Labels["mine"]);
        Assert.Equal("1Gi", claim.Spec.Resources.Requests["storage"].ToString());

        await cluster.Admin.DeleteAsync<PersistentVolumeClaim>("default", "app-scratch", null, Ct);
        await UnprotectAsync(cluster, "app-scratch", claim.Metadata.Uid);
        await cluster.Sees<PersistentVolumeClaim>("default", "a new claim", all => all.Any(c => c.Metadata.Name == "app-scratch" && c.Metadata.Uid != claim.Metadata.Uid));
    }

    [Fact]
    public async Task A_claim_of_that_name_that_somebody_else_made_is_left_alone_and_told_of()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.Admin.CreateAsync(Claim("app-scratch", "none", "1Gi"), Ct);
        await cluster.Sees<PersistentVolumeClaim>("default", "the claim", all => all.Count == 1);
        await cluster.Admin.CreateAsync(PodWithEphemeral("app"), Ct);
        await cluster.Sees<Event>("default", "the conflict", all => all.Any(e => e is { Reason: "FailedBinding", Type: "Warning", Source.Component: "ephemeral_volume" }
            && e.Message == "ephemeral volume scratch: PVC default/app-scratch was not created for pod default/app (pod is not owner)"));
        Assert.Empty((await cluster.Admin.GetAsync<PersistentVolumeClaim>("default", "app-scratch", Ct)).Metadata.OwnerReferences);
    }

    [Fact]
    public async Task A_claim_grows_when_it_is_bound_and_its_class_allows_it_and_an_external_controller_is_waited_for()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.Admin.CreateAsync(new StorageClass { Metadata = new ObjectMeta { Name = "grows" }, Provisioner = "example.test/p", AllowVolumeExpansion = true }, Ct);
        await cluster.Admin.CreateAsync(new StorageClass { Metadata = new ObjectMeta { Name = "fixed" }, Provisioner = "example.test/p" }, Ct);
        await cluster.Admin.CreateAsync(Claim("unbound", "none", "1Gi"), Ct);
        foreach (var name in new[] { "grows", "fixed" })
        {
            await cluster.Admin.CreateAsync(Volume(name), Ct);
            await cluster.Admin.CreateAsync(Claim(name, name, "1Gi"), Ct);
        }

        await cluster.Sees<PersistentVolumeClaim>("default", "two bound claims", all => all.Count(c => c.Status.Phase == "Bound") == 2);
        Assert.StartsWith( // upstream's validation comes before its admission, whose sentence nobody sees
            "PersistentVolumeClaim \"unbound\" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
            await RefusalAsync(cluster, "unbound"),
            StringComparison.Ordinal);
        Assert.Equal(
            "persistentvolumeclaims \"fixed\" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
            await RefusalAsync(cluster, "fixed"));
        Assert.Null(await RefusalAsync(cluster, "grows"));
        await cluster.Sees<Event>("default", "the event", all => all.Any(e => e is { Reason: "ExternalExpanding", Type: "Warning", InvolvedObject.Name: "grows", Source.Component: "volume_expand" }
            && e.Message == "waiting for an external controller to expand this PVC"));
        Assert.Equal("1Gi", (await cluster.Admin.GetAsync<PersistentVolumeClaim>("default", "grows", Ct)).Status.Capacity["storage"].ToString());
    }

    // The pod uses it, so the claim's protection would hold it; whoever deletes it all the same takes the finalizer away.
    private static async Task UnprotectAsync(TestCluster cluster, string name, string uid)
    {
        try
        {
            if (await cluster.Admin.GetAsync<PersistentVolumeClaim>("default", name, Ct) is { Metadata.Finalizers.Count: > 0 } still && still.Metadata.Uid == uid)
            {
                await cluster.Admin.UpdateAsync(still with { Metadata = still.Metadata with { Finalizers = [] } }, Ct);
            }
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Its controller was faster.
        }
    }

    private static async Task<string?> RefusalAsync(TestCluster cluster, string name)
    {
        var claim = await cluster.Admin.GetAsync<PersistentVolumeClaim>("default", name, Ct);
        var size = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse("2Gi") };
        try
        {
            await cluster.Admin.UpdateAsync(claim with { Spec = claim.Spec with { Resources = claim.Spec.Resources with { Requests = size } } }, Ct);
            return null;
        }
        catch (ApiException e)
        {
            return e.Status.Message;
        }
    }

    [Fact]
    public async Task A_volume_of_another_mode_tells_itself_and_the_claim_that_it_is_reserved_for()
    {
        await using var cluster = await TestCluster.StartAsync();
        var claim = await cluster.Admin.CreateAsync(Claim("files", "plain", "1Gi"), Ct);
        var volume = Volume("plain");
        await cluster.Admin.CreateAsync(
            volume with
            {
                Spec = volume.Spec with
                {
                    VolumeMode = PersistentVolumeMode.Block,
                    HostPath = null,
                    Local = new() { Path = "/dev/x" },
                    NodeAffinity = new() { Required = new() { NodeSelectorTerms = [new() { MatchExpressions = [new() { Key = "a", Operator = "Exists" }] }] } },
                    ClaimRef = new() { Kind = "PersistentVolumeClaim", Namespace = "default", Name = "files", Uid = claim.Metadata.Uid },
                },
            },
            Ct);
        await cluster.Sees<Event>("default", "both events", all =>
            all.Any(e => e is { Reason: "VolumeMismatch", InvolvedObject.Kind: "PersistentVolume" } && e.Message == "Cannot bind PersistentVolume to requested PersistentVolumeClaim \"files\" due to incompatible volumeMode.")
            && all.Any(e => e is { Reason: "VolumeMismatch", InvolvedObject.Kind: "PersistentVolumeClaim" } && e.Message == "Cannot bind PersistentVolume \"pv-plain\" to requested PersistentVolumeClaim due to incompatible volumeMode."));
    }

    [Fact]
    public async Task A_claim_without_a_class_takes_a_volume_without_one_before_it_gets_the_default_class()
    {
        await using var cluster = await TestCluster.StartAsync(new ControllerManagerOptions { Disabled = new HashSet<string> { "persistentvolume-binder-controller" } });
        var claims = new List<PersistentVolumeClaim>();
        foreach (var name in new[] { "first", "second" })
        {
            var claim = Claim(name, "", "1Gi");
            claims.Add(await cluster.Admin.CreateAsync(claim with { Spec = claim.Spec with { StorageClassName = null } }, Ct));
        }

        var plain = Volume("plain");
        plain = await cluster.Admin.CreateAsync(plain with { Spec = plain.Spec with { StorageClassName = "" } }, Ct);
        plain = await cluster.Admin.UpdateStatusAsync(plain with { Status = plain.Status with { Phase = "Available" } }, Ct);
        var annotations = new Dictionary<string, string> { ["storageclass.kubernetes.io/is-default-class"] = "true" };
        var chosen = await cluster.Admin.CreateAsync(new StorageClass { Metadata = new ObjectMeta { Name = "chosen", Annotations = annotations }, Provisioner = "example.test/p" }, Ct);

        await LookAsync(cluster, claims, plain, chosen, "first");
        var first = await cluster.Admin.GetAsync<PersistentVolumeClaim>("default", "first", Ct);
        Assert.Equal((null, "pv-plain", "Bound"), (first.Spec.StorageClassName, first.Spec.VolumeName, first.Status.Phase));
        await LookAsync(cluster, claims, await cluster.Admin.GetAsync<PersistentVolume>("", "pv-plain", Ct), chosen, "second");
        var second = await cluster.Admin.GetAsync<PersistentVolumeClaim>("default", "second", Ct);
        Assert.Equal(("chosen", "", "Pending"), (second.Spec.StorageClassName, second.Spec.VolumeName, second.Status.Phase));
    }

    private static async Task LookAsync(TestCluster cluster, List<PersistentVolumeClaim> claims, PersistentVolume volume, StorageClass storage, string name)
    {
        var caches = new VolumeCaches(new ListCache<PersistentVolumeClaim>([.. claims]), new ListCache<PersistentVolume>(volume), new ListCache<StorageClass>(storage), new ListCache<Pod>());
        var client = cluster.For("system:serviceaccount:kube-system:persistent-volume-binder");
        var events = new EventRecorder(client, "persistentvolume-controller", "", TimeProvider.System, NullLogger.Instance);
        await new ClaimReconciler(caches, new VolumeBinding(client, TimeProvider.System), client, events, new VolumeMetrics(), TimeProvider.System).ReconcileAsync(new("default", name), Ct);
    }

    private static PersistentVolume Volume(string name) => new()
    {
        Metadata = new ObjectMeta { Name = "pv-" + name },
        Spec = new()
        {
            Capacity = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse("1Gi") },
            AccessModes = ["ReadWriteOnce"],
            StorageClassName = name,
            HostPath = new() { Path = "/data/" + name },
        },
    };

    private static PersistentVolumeClaim Claim(string name, string storageClass, string size) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" },
        Spec = Spec(storageClass, size),
    };

    private static PersistentVolumeClaimSpec Spec(string storageClass, string size) => new()
    {
        AccessModes = ["ReadWriteOnce"],
        StorageClassName = storageClass,
        Resources = new() { Requests = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse(size) } },
    };

    private static Pod PodWithEphemeral(string name) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default" },
        Spec = new()
        {
            Containers = [new Container { Name = "c", Image = "i" }],
            Volumes =
            [
                new Volume
                {
                    Name = "scratch",
                    Ephemeral = new() { VolumeClaimTemplate = new() { Metadata = new ObjectMeta { Labels = new Dictionary<string, string> { ["mine"] = "yes" } }, Spec = Spec("none", "1Gi") } },
                },
            ],
        },
    };
}
