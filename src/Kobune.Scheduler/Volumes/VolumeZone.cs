using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Volumes;

/// <summary>
/// A volume whose labels name zones or regions can be used there only. Nodes without such labels take any. Source: pkg/scheduler/framework/
/// plugins/volumezone.
/// </summary>
internal sealed class VolumeZone(VolumeView view) : IPreFilterPlugin, IFilterPlugin, IEnqueueExtensions
{
    private const string PluginName = "VolumeZone";
    private const string Separator = "__";
    private static readonly Status Skip = Status.Skip(PluginName);
    private static readonly Status Elsewhere = Status.Unresolvable(PluginName, "node(s) had no available volume zone");

    /// <summary>The labels, and those that mean the same on nodes.</summary>
    private static readonly (string Key, string OnNodes)[] Topology =
    [
        ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
        ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
        ("topology.kubernetes.io/zone", "topology.kubernetes.io/zone"),
        ("topology.kubernetes.io/region", "topology.kubernetes.io/region"),
    ];

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister { get; } =
    [
        new(EventResource.StorageClass, ActionType.Add, static (_, happened) => happened.New is StorageClass { VolumeBindingMode: "WaitForFirstConsumer" }),
        new(EventResource.Node, ActionType.Add | ActionType.UpdateNodeLabel),
        new(EventResource.PersistentVolumeClaim, ActionType.Add | ActionType.UpdateStorage, static (pod, happened) => happened.New is PersistentVolumeClaim claim && PodClaims.KeysOf(pod).Any(k => k.Key == ObjectKey.Of(claim))),
        new(EventResource.PersistentVolume, ActionType.Add | ActionType.UpdateStorage, static (_, happened) => happened.Old is not PersistentVolume old || happened.New is not PersistentVolume now || Topology.Any(t => old.Metadata.Labels.GetValueOrDefault(t.Key) != now.Metadata.Labels.GetValueOrDefault(t.Key))),
    ];

    public Status? PreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames)
    {
        nodeNames = null;
        List<(string Key, string OnNodes, string[] Values)>? wanted = null;
        foreach (var (key, _) in PodClaims.KeysOf(pod.Pod))
        {
            // What has no volume yet is the binding's business.
            if (view.FindClaim(key)?.Spec.VolumeName is { Length: > 0 } name && view.FindVolume(name) is { } volume)
            {
                foreach (var (label, onNodes) in Topology)
                {
                    if (volume.Metadata.Labels.TryGetValue(label, out var values))
                    {
                        (wanted ??= []).Add((label, onNodes, values.Split(Separator)));
                    }
                }
            }
        }

        if (wanted is null)
        {
            return Skip;
        }

        state.Write(this, wanted);
        return null;
    }

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var labels = node.Node.Metadata.Labels;
        if (!Array.Exists(Topology, t => labels.ContainsKey(t.Key)))
        {
            return null;
        }

        foreach (var (key, onNodes, values) in state.Read<List<(string Key, string OnNodes, string[] Values)>>(this))
        {
            if ((!labels.TryGetValue(key, out var value) && !labels.TryGetValue(onNodes, out value)) || !values.Contains(value))
            {
                return Elsewhere;
            }
        }

        return null;
    }
}
