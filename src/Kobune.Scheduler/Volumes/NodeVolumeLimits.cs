using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Api.Volumes;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Volumes;

/// <summary>
/// A CSI driver can attach so many volumes to a node, as the node's CSINode says; one that several pods use counts once. Source: pkg/scheduler/
/// framework/plugins/nodevolumelimits.
/// </summary>
internal sealed class NodeVolumeLimits(VolumeView view, ClusterView cluster) : IPreFilterPlugin, IFilterPlugin, IEnqueueExtensions
{
    private const string PluginName = "NodeVolumeLimits";
    private static readonly Status Skip = Status.Skip(PluginName);
    private static readonly Status TooMany = Status.Unschedulable(PluginName, "node(s) exceed max volume count");

    private readonly ICacheIndex<VolumeAttachment> _attachments = cluster.VolumeAttachments.Index("spec.nodeName", attachment => [attachment.Spec.NodeName]);

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister { get; } =
    [
        new(EventResource.CSINode, ActionType.Add | ActionType.UpdateStorage, static (_, happened) => happened.Old is not CSINode old || happened.New is not CSINode now || IsLessLimited(old, now)),
        new(EventResource.AssignedPod, ActionType.Delete, static (pod, happened) => happened.Old is Pod gone && PodClaims.KeysOf(gone).Any()),
        new(EventResource.PersistentVolumeClaim, ActionType.Add, static (pod, happened) => happened.New is PersistentVolumeClaim claim && PodClaims.KeysOf(pod).Any(k => k.Key == ObjectKey.Of(claim))),
        new(EventResource.VolumeAttachment, ActionType.Delete),
    ];

    public Status? PreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames)
    {
        nodeNames = null;
        return PodClaims.KeysOf(pod.Pod).Any() ? null : Skip;
    }

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var limits = Limits(cluster.CSINodes.Find("", node.Name));
        if (limits.Count == 0)
        {
            return null;
        }

        var wanted = VolumesOf(pod.Pod).Where(v => limits.ContainsKey(v.Driver)).ToHashSet();
        if (wanted.Count == 0)
        {
            return null;
        }

        var attached = node.Pods.SelectMany(p => VolumesOf(p.Pod)).Concat(_attachments[node.Name].Select(Attached).OfType<(string Driver, string Volume)>()).ToHashSet();
        wanted.ExceptWith(attached);
        return wanted.GroupBy(v => v.Driver).Any(more => attached.Count(v => v.Driver == more.Key) + more.Count() > limits[more.Key]) ? TooMany : null;
    }

    private static bool IsLessLimited(CSINode old, CSINode now)
    {
        var limits = Limits(now);
        return Limits(old).Any(before => !limits.TryGetValue(before.Key, out var limit) || limit > before.Value);
    }

    private static Dictionary<string, int> Limits(CSINode? node)
    {
        var limits = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var driver in node?.Spec.Drivers ?? [])
        {
            if (driver.Allocatable?.Count is { } count)
            {
                limits[driver.Name] = count;
            }
        }

        return limits;
    }

    /// <summary>The CSI volumes of a pod; one that is still to be made stands under its claim's name.</summary>
    private IEnumerable<(string Driver, string Volume)> VolumesOf(Pod pod)
    {
        foreach (var (key, _) in PodClaims.KeysOf(pod))
        {
            if (view.FindClaim(key) is not { } claim)
            {
                continue;
            }

            if (claim.Spec.VolumeName.Length > 0)
            {
                if (Csi(view.FindVolume(claim.Spec.VolumeName)) is { } volume)
                {
                    yield return volume;
                }
            }
            else if (view.FindClass(VolumeMatch.ClassOf(claim)) is { } storage)
            {
                yield return (storage.Provisioner, $"{key.Namespace}/{key.Name}");
            }
        }
    }

    private (string Driver, string Volume)? Attached(VolumeAttachment attachment) =>
        attachment.Spec.Source.PersistentVolumeName is { Length: > 0 } name ? Csi(view.FindVolume(name)) : null;

    private static (string Driver, string Volume)? Csi(PersistentVolume? volume) => volume?.Spec.CSI is { } source ? (source.Driver, source.VolumeHandle) : null;
}
