using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Api.Volumes;

namespace Kobune.Addons.Storage;

/// <summary>Which node a volume is on, or is to be made on.</summary>
internal static class VolumePlacement
{
    private const string HostName = "kubernetes.io/hostname";

    /// <summary>The affinity that keeps a volume's pods on its node.</summary>
    public static VolumeNodeAffinity Affinity(string node) => new()
    {
        Required = new() { NodeSelectorTerms = [new() { MatchExpressions = [new() { Key = HostName, Operator = NodeSelectorOperator.In, Values = [node] }] }] },
    };

    /// <summary>The node that a volume's affinity names, or null.</summary>
    public static string? NodeOf(PersistentVolume volume) =>
        volume.Spec.NodeAffinity?.Required?.NodeSelectorTerms is [{ MatchExpressions: [{ Key: HostName, Operator: NodeSelectorOperator.In, Values: [var node] }] }] ? node : null;

    /// <summary>Whether this node is to make the volume of a claim: the one that the scheduler chose, or the first one where nobody waits for a pod.</summary>
    public static bool IsHere(PersistentVolumeClaim claim, StorageClass storage, StorageOptions options) =>
        claim.Metadata.Annotations.TryGetValue(VolumeAnnotations.SelectedNode, out var chosen) ? chosen == options.NodeName
        : options.IsPrimary && storage.VolumeBindingMode != "WaitForFirstConsumer";

    /// <summary>Whether this node is to reclaim a volume. The first one also takes those that name no node, or one that is gone.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="isNode">Whether a node of this name exists.</param>
    /// <param name="options">Who we are.</param>
    public static bool IsHere(PersistentVolume volume, Func<string, bool> isNode, StorageOptions options) =>
        NodeOf(volume) is { } node ? node == options.NodeName || (options.IsPrimary && !isNode(node)) : options.IsPrimary;
}
