using Kobune.Api.Core.V1;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;

namespace Kobune.Scheduler.Plugins;

/// <summary>A host port can be had once per node, address and protocol.</summary>
internal sealed class NodePorts : IPreFilterPlugin, IFilterPlugin, IEnqueueExtensions
{
    private const string PluginName = "NodePorts";

    private static readonly Status Rejected = Status.Unschedulable(PluginName, "node(s) didn't have free ports for the requested pod ports");
    private static readonly Status Skip = Status.Skip(PluginName);

    public string Name => PluginName;

    public IReadOnlyList<EventHint> EventsToRegister { get; } =
    [
        new(EventResource.AssignedPod, ActionType.Delete, static (pod, happened) => happened.Old is Pod gone && HostPort.Of(pod).Any(wanted => HostPort.Of(gone).Any(wanted.Conflicts))),
        new(EventResource.Node, ActionType.Add),
    ];

    public Status? PreFilter(CycleState state, PodInfo pod, out IReadOnlySet<string>? nodeNames)
    {
        nodeNames = null;
        return pod.HostPorts.Count == 0 ? Skip : null;
    }

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        foreach (var other in node.Pods)
        {
            foreach (var taken in other.HostPorts)
            {
                foreach (var wanted in pod.HostPorts)
                {
                    if (wanted.Conflicts(taken))
                    {
                        return Rejected;
                    }
                }
            }
        }

        return null;
    }
}
