using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Volumes;

/// <summary>A claim of mode ReadWriteOncePod serves one pod of the whole cluster at a time.</summary>
internal sealed class VolumeRestrictions(VolumeView view, Snapshot snapshot) : IPreFilterPlugin, IFilterPlugin, IEnqueueExtensions
{
    private const string PluginName = "VolumeRestrictions";
    private static readonly Status Skip = Status.Skip(PluginName);
    private static readonly Status InUse = Status.Unschedulable(PluginName, "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod");

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister { get; } =
    [
        new(EventResource.AssignedPod, ActionType.Delete, static (pod, happened) => happened.Old is Pod gone && PodClaims.KeysOf(gone).Any(k => PodClaims.KeysOf(pod).Any(mine => mine.Key == k.Key))),
        new(EventResource.PersistentVolumeClaim, ActionType.Add | ActionType.UpdateStorage, static (pod, happened) => happened.New is PersistentVolumeClaim claim && PodClaims.KeysOf(pod).Any(k => k.Key == ObjectKey.Of(claim))),
    ];

    public Status? PreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames)
    {
        nodeNames = null;
        var exclusive = PodClaims.KeysOf(pod.Pod).Select(k => k.Key).Where(k => view.FindClaim(k)?.Spec.AccessModes.Contains(PersistentVolumeAccessMode.ReadWriteOncePod) == true).ToHashSet();
        if (exclusive.Count == 0)
        {
            return Skip;
        }

        state.Write(this, new Users(snapshot.Nodes.Exists(n => n.Pods.Any(p => p.Uid != pod.Uid && PodClaims.KeysOf(p.Pod).Any(k => exclusive.Contains(k.Key))))));
        return null;
    }

    // Asked of every node, so that the preemption of the user, a later matter, sees a rejection that can be resolved.
    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node) => state.Read<Users>(this).Any ? InUse : null;

    private sealed record Users(bool Any);
}
