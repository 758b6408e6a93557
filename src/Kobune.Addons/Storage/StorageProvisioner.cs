using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Microsoft.Extensions.Logging;

namespace Kobune.Addons.Storage;

/// <summary>
/// The addon storage-provisioner: makes hostPath volumes for claims and deletes and recycles them. One runs on each node and touches that node's
/// folders alone. A key with a namespace is a claim, one without is a volume.
/// </summary>
/// <param name="client">The service account kube-system/storage-provisioner.</param>
/// <param name="informers">Caches of the same identity; whoever made them runs them.</param>
/// <param name="options">Settings.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Makes the logger.</param>
public sealed class StorageProvisioner(IClient client, InformerFactory informers, StorageOptions options, TimeProvider time, ILoggerFactory loggers) : IComponent
{
    /// <summary>What storage classes name as their provisioner.</summary>
    public const string ProvisionerName = "k8s.io/minikube-hostpath";

    /// <inheritdoc/>
    public string Name => "storage-provisioner";

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        var logger = loggers.CreateLogger<StorageProvisioner>();
        var claims = informers.For<PersistentVolumeClaim>();
        var volumes = informers.For<PersistentVolume>();
        var classes = informers.For<StorageClass>();
        var nodes = informers.For<Node>();
        using var runner = new ReconcilerRunner(Name, new ReconcilerOptions { Workers = 2 }, time, logger);
        runner.Use(classes).Use(nodes).For(claims).For(volumes)
            .Watches(nodes, node => volumes.Cache.List().Where(v => VolumePlacement.NodeOf(v) == node.Metadata.Name).Select(ObjectKey.Of))
            .Watches(classes, storage => claims.Cache.List().Where(c => c.Spec.VolumeName.Length == 0).Select(ObjectKey.Of));
        var events = new EventRecorder(client, $"{ProvisionerName}_{options.NodeName}", "", time, logger);
        var tracked = runner.Track(client);
        var folders = new VolumeFolders(options.Directory);
        runner.Reconciler = new StorageReconciler(
            new ClaimProvisioner(claims.Cache, volumes.Cache, classes.Cache, tracked, events, folders, options),
            new VolumeReclaimer(volumes.Cache, nodes.Cache, tracked, events, folders, options));
        await Task.WhenAll(runner.RunAsync(ct), events.RunAsync(ct));
    }

    private sealed class StorageReconciler(ClaimProvisioner claims, VolumeReclaimer volumes) : IReconciler
    {
        public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct) => key.Namespace.Length > 0 ? claims.ReconcileAsync(key, ct) : volumes.ReconcileAsync(key, ct);
    }
}
