using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Client;
using Kobune.ControllerManager.Endpoints;
using Kobune.ControllerManager.EndpointSlices.Topology;

namespace Kobune.ControllerManager.EndpointSlices;

/// <summary>Registration of the EndpointSlice controller.</summary>
internal static class EndpointSliceController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("endpointslice", "endpointslice-controller", eventSource: "endpoint-slice-controller");
        var services = controller.Informer<Service>();
        var pods = controller.Informer<Pod>();
        var nodes = controller.Informer<Node>();
        var slices = controller.Informer<EndpointSlice>();
        controller.Runner
            .For(services)
            .Watches(slices, slice => slice.Metadata.Labels.GetValueOrDefault(SliceTemplate.ManagedByLabel) == SliceTemplate.Manager ? [EndpointSliceReconciler.Key(slice)] : [])
            .On(pods, change =>
            {
                if (ServicePods.IsRelevant(change))
                {
                    foreach (var pod in new[] { change.Old, change.New }.OfType<Pod>())
                    {
                        foreach (var key in ServicePods.Selecting(services.Cache, pod))
                        {
                            controller.Runner.Queue.Add(key);
                        }
                    }
                }
            })
            .On(nodes, change =>
            {
                if (!ZoneShares.Differ(change.Old, change.New))
                {
                    return;
                }

                foreach (var service in services.Cache.List().Where(TopologyMode.IsAuto))
                {
                    controller.Runner.Queue.Add(ObjectKey.Of(service));
                }
            });
        context.Options.Metrics.Slices.Follow(() => new(
            [.. slices.Cache.List().Where(s => s.Metadata.Labels.GetValueOrDefault(SliceTemplate.ManagedByLabel) == SliceTemplate.Manager)],
            SliceTemplate.DefaultMaxEndpoints,
            [.. services.Cache.List().Where(s => s.Spec.Selector.Count > 0)]));
        return controller.Build(new EndpointSliceReconciler(services.Cache, pods.Cache, nodes.Cache, slices.Cache, controller.Client, controller.Events, context.Options.Metrics.Slices));
    }
}
