using Kobune.Addons.Storage;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControlPlane.Hosting;
using Kobune.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Addons.Tests.Storage;

/// <summary>Provisioner, binder, protection and scheduler together in a real API server, each under its own identity.</summary>
public sealed class StorageTests : IAsyncLifetime
{
    private const string Identity = "system:serviceaccount:kube-system:storage-provisioner";
    private readonly string _folders = Directory.CreateTempSubdirectory("kobune-storage-").FullName;
    private readonly ComponentHost _host = new(TimeProvider.System, NullLoggerFactory.Instance);
    private TestCluster _cluster = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(new() { Nodes = 2 }, Ct);
        var nodes = await Sees<Node>("two nodes", all => all.Count == 2);
        foreach (var (node, index) in nodes.OrderBy(n => n.Metadata.Name).Select((n, i) => (n.Metadata.Name, i)))
        {
            var client = _cluster.ClientFor(Identity);
            var informers = new InformerFactory(client, TimeProvider.System, NullLoggerFactory.Instance);
            var options = new StorageOptions { NodeName = node, IsPrimary = index == 0, Directory = Path.Combine(_folders, node) };
            _host.Start(informers);
            _host.Start(new StorageProvisioner(client, informers, options, TimeProvider.System, NullLoggerFactory.Instance));
            if (index == 0)
            {
                _host.Start(new DefaultStorageClass(client, options, TimeProvider.System));
            }
        }

        await Sees<StorageClass>("the default class", all => all.Count == 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _cluster.DisposeAsync();
        Directory.Delete(_folders, recursive: true);
    }

    [Fact]
    public async Task A_claim_gets_a_volume_by_itself_and_both_go_with_it()
    {
        await _cluster.Client.CreateAsync(Claim("data", null), Ct);
        var claim = (await Sees<PersistentVolumeClaim>("a bound claim", all => all.Any(c => c.Status.Phase == "Bound"))).Single();
        Assert.Equal("standard", claim.Spec.StorageClassName);
        var volume = (await Sees<PersistentVolume>("a bound volume", all => all.Any(v => v.Status.Phase == "Bound"))).Single();
        Assert.Equal(("pvc-" + claim.Metadata.Uid, volume.Metadata.Name), (claim.Spec.VolumeName, claim.Spec.VolumeName));
        var folder = volume.Spec.HostPath!.Path;
        Assert.EndsWith("/default/data", folder, StringComparison.Ordinal);
        Assert.True(Directory.Exists(folder));
        await Sees<Event>("the story", all => new[] { "ExternalProvisioning", "Provisioning", "ProvisioningSucceeded" }.All(r => all.Any(e => e.Reason == r)));

        await _cluster.Client.DeleteAsync<PersistentVolumeClaim>("default", "data", null, Ct);
        await Sees<PersistentVolume>("no volume", all => all.Count == 0);
        Assert.False(Directory.Exists(folder));
        Assert.Empty(_cluster.DeniedRequests);
    }

    [Fact]
    public async Task A_claim_that_waits_is_bound_where_its_pod_goes()
    {
        await _cluster.Client.CreateAsync(Class("late", "WaitForFirstConsumer", StorageProvisioner.ProvisionerName), Ct);
        await _cluster.Client.CreateAsync(Claim("data", "late"), Ct);
        await Sees<Event>("the reason of the wait", all => all.Any(e => e.Reason == "WaitForFirstConsumer"));
        var last = (await Sees<Node>("nodes", all => all.Count == 2)).Select(n => n.Metadata.Name).Max()!;
        await _cluster.Client.CreateAsync(Pod("app", "data") with { Spec = Pod("app", "data").Spec with { NodeSelector = new Dictionary<string, string> { ["kubernetes.io/hostname"] = last } } }, Ct);
        await Sees<Pod>("the pod on its node", all => all.Any(p => p.Spec.NodeName == last));
        var volume = (await Sees<PersistentVolume>("a bound volume", all => all.Any(v => v.Status.Phase == "Bound"))).Single();
        Assert.Equal(last, VolumePlacement.NodeOf(volume));
        Assert.StartsWith(Path.Combine(_folders, last), volume.Spec.HostPath!.Path, StringComparison.Ordinal);

        // Another pod of the same claim has no other choice.
        await _cluster.Client.CreateAsync(Pod("second", "data"), Ct);
        await Sees<Pod>("both on one node", all => all.Count(p => p.Spec.NodeName == last) == 2);

        // A claim in use goes with its last pod alone.
        await _cluster.Client.DeleteAsync<PersistentVolumeClaim>("default", "data", null, Ct);
        await Sees<PersistentVolumeClaim>("a claim that waits for its pods", all => all.Any(c => c.IsDeleting()));
        foreach (var name in new[] { "app", "second" })
        {
            await _cluster.Client.DeleteAsync<Pod>("default", name, new() { GracePeriodSeconds = 0 }, Ct);
        }

        await Sees<PersistentVolume>("no volume", all => all.Count == 0);
        Assert.Empty(_cluster.DeniedRequests);
    }

    [Fact]
    public async Task Two_pods_that_wait_get_two_hand_written_volumes()
    {
        await _cluster.Client.CreateAsync(Class("hand", "WaitForFirstConsumer", "kubernetes.io/no-provisioner"), Ct);
        foreach (var name in new[] { "one", "two" })
        {
            await _cluster.Client.CreateAsync(Volume(name, "hand", "/data/" + name, "Retain"), Ct);
            await _cluster.Client.CreateAsync(Claim(name, "hand"), Ct);
            await _cluster.Client.CreateAsync(Pod(name, name), Ct);
        }

        await Sees<Pod>("both pods on nodes", all => all.Count(p => p.Spec.NodeName.Length > 0) == 2);
        var claims = await Sees<PersistentVolumeClaim>("both bound", all => all.Count(c => c.Status.Phase == "Bound") == 2);
        Assert.Equal(["one", "two"], claims.Select(c => c.Spec.VolumeName).Order());
        await _cluster.Client.CreateAsync(Claim("three", "hand"), Ct);
        await _cluster.Client.CreateAsync(Pod("three", "three"), Ct);
        await Sees<Event>("no third volume", all => all.Any(e => e.Reason == "FailedScheduling" && e.Message.Contains("node(s) didn't find available persistent volumes to bind", StringComparison.Ordinal)));

        // A volume that comes is a reason to look again.
        await _cluster.Client.CreateAsync(Volume("three", "hand", "/data/three", "Retain"), Ct);
        await Sees<Pod>("the third pod on a node", all => all.Count(p => p.Spec.NodeName.Length > 0) == 3);
        Assert.Empty(_cluster.DeniedRequests);
    }

    [Fact]
    public async Task A_recycled_volume_is_empty_and_free()
    {
        var path = Path.Combine(_folders, "used");
        Directory.CreateDirectory(Path.Combine(path, "folder"));
        await File.WriteAllTextAsync(Path.Combine(path, ".hidden"), "left", Ct);
        await _cluster.Client.CreateAsync(Volume("used", "again", path, "Recycle"), Ct);
        await _cluster.Client.CreateAsync(Claim("c", "again"), Ct);
        await Sees<PersistentVolume>("bound", all => all.Any(v => v.Status.Phase == "Bound"));
        await _cluster.Client.DeleteAsync<PersistentVolumeClaim>("default", "c", null, Ct);
        var freed = (await Sees<PersistentVolume>("available again", all => all.Any(v => v is { Status.Phase: "Available", Spec.ClaimRef: null }))).Single();
        Assert.Equal("used", freed.Metadata.Name);
        Assert.Empty(Directory.EnumerateFileSystemEntries(path));
        Assert.Empty(_cluster.DeniedRequests);
    }

    [Fact]
    public async Task A_volume_whose_claim_is_gone_is_kept_refused_or_lost_by_its_policy()
    {
        await _cluster.Client.CreateAsync(Volume("kept", "retain", "/data/kept", "Retain"), Ct);
        await _cluster.Client.CreateAsync(Volume("refused", "delete", "/data/refused", "Delete"), Ct);
        await _cluster.Client.CreateAsync(Claim("a", "retain"), Ct);
        await _cluster.Client.CreateAsync(Claim("b", "delete"), Ct);
        await Sees<PersistentVolume>("both bound", all => all.Count(v => v.Status.Phase == "Bound") == 2);
        await _cluster.Client.DeleteAsync<PersistentVolumeClaim>("default", "a", null, Ct);
        await _cluster.Client.DeleteAsync<PersistentVolumeClaim>("default", "b", null, Ct);
        var volumes = await Sees<PersistentVolume>("their ends", all => all.Any(v => v.Status.Phase == "Released") && all.Any(v => v.Status.Phase == "Failed"));
        Assert.Equal("Released", volumes.Single(v => v.Metadata.Name == "kept").Status.Phase);
        Assert.Equal("host_path deleter only supports /tmp/.+ but received provided /data/refused", volumes.Single(v => v.Metadata.Name == "refused").Status.Message);
        await Sees<Event>("the refusal", all => all.Any(e => e.Reason == "VolumeFailedDelete"));

        // A claim that loses its volume says so.
        await _cluster.Client.CreateAsync(Volume("lost", "lost", "/data/lost", "Retain"), Ct);
        await _cluster.Client.CreateAsync(Claim("c", "lost"), Ct);
        await Sees<PersistentVolumeClaim>("bound", all => all.Any(c => c.Metadata.Name == "c" && c.Status.Phase == "Bound"));
        var lost = await _cluster.Client.GetAsync<PersistentVolume>("", "lost", Ct);
        await _cluster.Client.DeleteAsync<PersistentVolume>("", "lost", null, Ct);
        await Sees<PersistentVolume>("a volume that waits", all => all.Any(v => v.Metadata.Name == "lost" && v.IsDeleting()));
        await _cluster.Client.PatchAsync<PersistentVolume>("", "lost", Patch.Merge(new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["finalizers"] = null } }), null, Ct);
        await Sees<PersistentVolumeClaim>("lost", all => all.Any(c => c.Metadata.Name == "c" && c.Status.Phase == "Lost"));
        Assert.NotEmpty(lost.Metadata.Finalizers);
    }

    private static PersistentVolumeClaim Claim(string name, string? storageClass) => new()
    {
        Metadata = new() { Name = name, Namespace = "default" },
        Spec = new() { AccessModes = ["ReadWriteOnce"], StorageClassName = storageClass, Resources = new() { Requests = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse("1Gi") } } },
    };

    private static PersistentVolume Volume(string name, string storageClass, string path, string policy) => new()
    {
        Metadata = new() { Name = name },
        Spec = new()
        {
            AccessModes = ["ReadWriteOnce"],
            Capacity = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse("1Gi") },
            HostPath = new() { Path = path },
            StorageClassName = storageClass,
            PersistentVolumeReclaimPolicy = policy,
        },
    };

    private static StorageClass Class(string name, string mode, string provisioner) => new() { Metadata = new() { Name = name }, Provisioner = provisioner, VolumeBindingMode = mode };

    private static Pod Pod(string name, string claim) => new()
    {
        Metadata = new() { Name = name, Namespace = "default" },
        Spec = new()
        {
            Containers = [new() { Name = "c", Image = "app" }],
            Volumes = [new() { Name = "v", PersistentVolumeClaim = new() { ClaimName = claim } }],
        },
    };

    /// <summary>Waits on a watch until the objects of a kind are as expected; a time-out says what was last seen.</summary>
    private async Task<IReadOnlyList<T>> Sees<T>(string expected, Func<IReadOnlyList<T>, bool> holds)
        where T : class, IKubernetesObject<T>
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var informer = new InformerFactory(_cluster.Client, TimeProvider.System, NullLoggerFactory.Instance);
        var all = informer.For<T>();
        using var changed = new SemaphoreSlim(1);
        using var subscription = all.Subscribe(_ => changed.Release());
        var running = informer.RunAsync(limit.Token);
        try
        {
            await all.Synced.WaitAsync(limit.Token);
            while (true)
            {
                await changed.WaitAsync(limit.Token);
                var list = all.Cache.List();
                if (holds(list))
                {
                    return list;
                }
            }
        }
        catch (OperationCanceledException) when (!Ct.IsCancellationRequested)
        {
            var seen = string.Join("; ", all.Cache.List().Select(o => System.Text.Encoding.UTF8.GetString(Api.Json.JsonText.Bytes(o).AsSpan())));
            throw new TimeoutException($"expected {expected}; last seen: {seen}");
        }
        finally
        {
            await limit.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
