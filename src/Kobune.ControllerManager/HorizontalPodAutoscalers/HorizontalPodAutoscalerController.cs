using Kobune.Api.Core.V1;
using Kobune.Client;
using HorizontalPodAutoscaler = Kobune.Api.Autoscaling.V2.HorizontalPodAutoscaler;

namespace Kobune.ControllerManager.HorizontalPodAutoscalers;

/// <summary>Registration of the horizontal pod autoscaler.</summary>
internal static class HorizontalPodAutoscalerController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("horizontalpodautoscaling", "horizontal-pod-autoscaler");
        var autoscalers = controller.Informer<HorizontalPodAutoscaler>();
        var pods = controller.Informer<Pod>();
        controller.Runner.On(autoscalers, change =>
        {
            // Its own writes of the status are no reason to look again before the time has come.
            if (change.Old is null || change.New is null || change.Old.Spec != change.New.Spec)
            {
                controller.Runner.Queue.Add(change.Key);
            }
        });
        context.Options.Metrics.Autoscalers.Follow(() => autoscalers.Cache.List());
        return controller.Build(new HorizontalPodAutoscalerReconciler(
            autoscalers.Cache,
            pods.Cache,
            new ScaleReader(controller.Untracked.Transport, context.Time),
            new MetricEvaluator(new MetricsReader(controller.Untracked.Transport), new(context.Options.AutoscalerCpuInitialization, context.Options.AutoscalerInitialReadiness), context.Time),
            controller.Client,
            controller.Events,
            context.Options,
            context.Time));
    }
}
