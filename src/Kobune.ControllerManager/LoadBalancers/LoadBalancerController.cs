using Kobune.Api.Coordination.V1;
using Kobune.Api.Core.V1;
using Kobune.Client;

namespace Kobune.ControllerManager.LoadBalancers;

/// <summary>Registration of the controller that gives LoadBalancer Services their addresses: the cloud's part, upstream (cloud-provider/controllers/service).</summary>
internal static class LoadBalancerController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("service-lb", "service-controller", workers: 1); // one at a time: two Services must not get one address
        var services = controller.Informer<Service>();
        var leases = context.Informers.For<Lease>(ns: TunnelLease.Namespace, fieldSelector: "metadata.name=" + TunnelLease.Name);
        var pools = context.Informers.For<ConfigMap>(ns: LoadBalancerReconciler.PoolNamespace, fieldSelector: "metadata.name=" + LoadBalancerReconciler.PoolName);
        var reconciler = new LoadBalancerReconciler(services.Cache, leases.Cache, pools.Cache, controller.Client, controller.Events, controller.Time);
        void All()
        {
            foreach (var service in services.Cache.List().Where(LoadBalancerReconciler.Concerns))
            {
                controller.Runner.Queue.Add(ObjectKey.Of(service));
            }
        }

        controller.Runner
            .On(services, change =>
            {
                if (new[] { change.Old, change.New }.OfType<Service>().Any(LoadBalancerReconciler.Concerns))
                {
                    controller.Runner.Queue.Add(change.Key);
                    if (change.New is null)
                    {
                        All(); // its address is free now
                    }
                }
            })
            .On(leases, change =>
            {
                if (reconciler.Means(change.Old) != reconciler.Means(change.New))
                {
                    All();
                }
            })
            .On(pools, _ => All());
        return controller.Build(reconciler);
    }
}
