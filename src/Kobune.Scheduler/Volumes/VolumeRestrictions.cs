using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Volumes;

/// <summary>
/// A claim of mode ReadWriteOncePod serves one pod of the whole cluster at a time; a disk that pods name themselves serves one pod of a node, or
/// many that only read. Source: pkg/scheduler/framework/plugins/volumerestrictions.
/// </summary>
internal sealed class VolumeRestrictions(VolumeView view, Snapshot snapshot) : IPreFilterPlugin, IPreFilterExtensions, IFilterPlugin, IEnqueueExtensions
{
    private const string PluginName = "VolumeRestrictions";
    private static readonly Status Skip = Status.Skip(PluginName);
    private static readonly Status InUse = Status.Unschedulable(PluginName, "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod");
    private static readonly Status DiskTaken = Status.Unschedulable(PluginName, "node(s) had no available disk");

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister { get; } =
    [
        new(EventResource.AssignedPod, ActionType.Delete, static (pod, happened) => happened.Old is Pod gone && gone.Metadata.Namespace == pod.Metadata.Namespace
            && (SharedDisks.Conflict(pod, gone) || PodClaims.KeysOf(gone).Any(k => PodClaims.KeysOf(pod).Any(mine => mine.Key == k.Key)))),
        new(EventResource.Node, ActionType.Add),
        new(EventResource.PersistentVolumeClaim, ActionType.Add | ActionType.UpdateStorage, static (pod, happened) => happened.New is PersistentVolumeClaim claim && PodClaims.KeysOf(pod).Any(k => k.Key == ObjectKey.Of(claim))),
    ];

    public Status? PreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames)
    {
        nodeNames = null;
        var exclusive = PodClaims.KeysOf(pod.Pod).Select(k => k.Key).Where(k => view.FindClaim(k)?.Spec.AccessModes.Contains(PersistentVolumeAccessMode.ReadWriteOncePod) == true).ToHashSet();
        if (exclusive.Count == 0 && !SharedDisks.Has(pod.Pod))
        {
            return Skip;
        }

        state.Write(this, new Users(exclusive, snapshot.Nodes.Sum(n => n.Pods.Where(p => p.Uid != pod.Uid).Sum(p => Uses(p, exclusive)))));
        return null;
    }

    public void AddPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node) => Update(state, added, 1);

    public void RemovePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node) => Update(state, removed, -1);

    // Asked of every node, so that the preemption of the user sees a rejection that can be resolved.
    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        node.Pods.Any(other => SharedDisks.Conflict(pod.Pod, other.Pod)) ? DiskTaken : state.Read<Users>(this).Count > 0 ? InUse : null;

    private static int Uses(PodInfo pod, HashSet<ObjectKey> claims) => PodClaims.KeysOf(pod.Pod).Count(k => claims.Contains(k.Key));

    private void Update(CycleState state, PodInfo other, int sign)
    {
        if (state.Find<Users>(this) is { } users)
        {
            state.Write(this, users with { Count = users.Count + (sign * Uses(other, users.Claims)) });
        }
    }

    /// <summary>The exclusive claims of the pod, and how often other pods use them.</summary>
    private sealed record Users(HashSet<ObjectKey> Claims, int Count);
}
