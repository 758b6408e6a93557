using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.NodeIpam;

/// <summary>Registration of the node IPAM controller.</summary>
internal static class NodeIpamController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        if (!context.Options.AllocateNodeCidrs)
        {
            return new("node-ipam", _ => Task.CompletedTask);
        }

        var controller = context.Controller("node-ipam", "node-controller", workers: 1, eventSource: "cidrAllocator");
        var nodes = controller.Informer<Node>();
        var reconciler = new NodeIpamReconciler(nodes.Cache, controller.Client, controller.Events, context.Options);
        controller.Runner.On(nodes, reconciler.Observe).For(nodes, node => node.Spec.PodCIDRs.Count == 0);
        return controller.Build(reconciler);
    }
}
