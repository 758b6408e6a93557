using Kobune.Api.Apps.V1;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.DaemonSets;

/// <summary>The status of a daemon set. Source: pkg/controller/daemon/daemon_controller.go, updateDaemonSetStatus.</summary>
internal static class DaemonSetStatusPlan
{
    public static DaemonSetStatus Compute(DaemonSetView view)
    {
        var (desired, current, misscheduled, ready, updated, available) = (0, 0, 0, 0, 0, 0);
        foreach (var (name, node) in view.Nodes)
        {
            var oldest = view.On(name) is [var first, ..] ? first : null;
            if (!DaemonNodes.Decide(view.Set, node).Run)
            {
                misscheduled += oldest is null ? 0 : 1;
                continue;
            }

            desired++;
            if (oldest is not null)
            {
                current++;
                ready += oldest.IsReady() ? 1 : 0;
                available += view.IsAvailable(oldest) ? 1 : 0;
                updated += DaemonPods.IsUpdated(view.Set, oldest, view.Hash) ? 1 : 0;
            }
        }

        return view.Set.Status with
        {
            ObservedGeneration = view.Set.Metadata.Generation,
            DesiredNumberScheduled = desired,
            CurrentNumberScheduled = current,
            NumberMisscheduled = misscheduled,
            NumberReady = ready,
            UpdatedNumberScheduled = updated,
            NumberAvailable = available,
            NumberUnavailable = desired - available,
        };
    }
}
