using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Policy.V1;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Disruption;

/// <summary>
/// Registration of the disruption controller. Its keys are budgets, and pods that were to be disrupted and have not been: those as
/// "pods/" and the name, which no budget can have.
/// </summary>
internal static class DisruptionController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("disruption", "disruption-controller", eventSource: "controllermanager");
        var budgets = controller.Informer<PodDisruptionBudget>();
        var pods = controller.Informer<Pod>();
        var scales = new WorkloadScales(
            controller.Informer<ReplicationController>().Cache,
            controller.Informer<ReplicaSet>().Cache,
            controller.Informer<Deployment>().Cache,
            controller.Informer<StatefulSet>().Cache,
            new ScaleReader(controller.Untracked.Transport, context.Time));
        controller.Runner
            .For(budgets)
            .Watches(pods, pod => Covering(budgets.Cache, pod).Select(b => ObjectKey.Of(b)))
            .On(pods, change =>
            {
                if (change.New is not { } pod)
                {
                    return;
                }

                if (StaleDisruption.CleanAfter(pod, context.Time.GetUtcNow()) is { } wait)
                {
                    controller.Runner.Queue.AddAfter(DisruptionReconciler.KeyOf(pod), wait);
                }

                TellOfSeveral(Covering(budgets.Cache, pod), pod, controller.Events);
            });
        return controller.Build(new DisruptionReconciler(budgets.Cache, pods.Cache, scales, controller.Client, controller.Events, context.Time));
    }

    private static List<PodDisruptionBudget> Covering(ICache<PodDisruptionBudget> budgets, Pod pod) =>
        budgets.Count == 0 ? [] : [.. budgets.List(pod.Metadata.Namespace).Where(b => Selector.From(b.Spec.Selector).Matches(pod.Metadata.Labels))];

    private static void TellOfSeveral(List<PodDisruptionBudget> covering, Pod pod, IEventRecorder events)
    {
        if (covering.Count > 1)
        {
            var (ns, name) = ObjectKey.Of(pod);
            events.Warning(pod, "MultiplePodDisruptionBudgets", $"Pod \"{ns}\"/\"{name}\" matches multiple PodDisruptionBudgets.  Chose \"{covering[0].Metadata.Name}\" arbitrarily.");
        }
    }
}
