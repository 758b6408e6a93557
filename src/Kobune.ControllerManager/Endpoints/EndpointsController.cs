using Kobune.Api.Core.V1;
using Kobune.Client;
using Legacy = Kobune.Api.Core.V1.Endpoints;

namespace Kobune.ControllerManager.Endpoints;

/// <summary>Registration of the controller of legacy Endpoints.</summary>
internal static class EndpointsController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("endpoints", "endpoint-controller");
        var services = controller.Informer<Service>();
        var pods = controller.Informer<Pod>();
        var endpoints = controller.Informer<Legacy>();
        controller.Runner
            .For(services)
            .For(endpoints)
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
            });
        return controller.Build(new EndpointsReconciler(services.Cache, pods.Cache, endpoints.Cache, controller.Client, controller.Events));
    }
}
