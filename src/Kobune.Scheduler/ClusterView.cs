using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Policy.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client.Informers;

namespace Kobune.Scheduler;

/// <summary>What plugins read of the cluster besides nodes and the pods on them.</summary>
internal sealed record ClusterView(
    ICache<Pod> Pods,
    ICache<Namespace> Namespaces,
    ICache<Service> Services,
    ICache<ReplicationController> ReplicationControllers,
    ICache<ReplicaSet> ReplicaSets,
    ICache<StatefulSet> StatefulSets,
    ICache<PodDisruptionBudget> Budgets,
    ICache<CSINode> CSINodes,
    ICache<VolumeAttachment> VolumeAttachments)
{
    private static readonly IReadOnlyDictionary<string, string> NoLabels = new Dictionary<string, string>();

    /// <summary>The view on shared informers; the tasks complete when they have their first sets.</summary>
    public static (ClusterView View, IReadOnlyList<Task> Synced) Of(InformerFactory informers)
    {
        var (pods, namespaces, services) = (informers.For<Pod>(), informers.For<Namespace>(), informers.For<Service>());
        var (controllers, sets, stateful) = (informers.For<ReplicationController>(), informers.For<ReplicaSet>(), informers.For<StatefulSet>());
        var (budgets, csiNodes, attachments) = (informers.For<PodDisruptionBudget>(), informers.For<CSINode>(), informers.For<VolumeAttachment>());
        return (
            new(pods.Cache, namespaces.Cache, services.Cache, controllers.Cache, sets.Cache, stateful.Cache, budgets.Cache, csiNodes.Cache, attachments.Cache),
            [pods.Synced, namespaces.Synced, services.Synced, controllers.Synced, sets.Synced, stateful.Synced, budgets.Synced, csiNodes.Synced, attachments.Synced]);
    }

    /// <summary>None when the namespace is not known (yet).</summary>
    public IReadOnlyDictionary<string, string> NamespaceLabels(string name) => Namespaces.Find("", name)?.Metadata.Labels ?? NoLabels;
}
