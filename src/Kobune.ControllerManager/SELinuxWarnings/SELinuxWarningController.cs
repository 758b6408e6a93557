using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Api.Volumes;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.SELinuxWarnings;

/// <summary>Registration of the controller that warns of SELinux labels; it runs where it is asked for. Source: pkg/controller/volume/selinuxwarning.</summary>
internal static class SELinuxWarningController
{
    public const string Name = "selinux-warning-controller";

    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("selinux-warning", Name, workers: 1, eventSource: "selinux_warning");
        var (pods, claims, volumes, drivers) = (controller.Informer<Pod>(), controller.Informer<PersistentVolumeClaim>(), controller.Informer<PersistentVolume>(), controller.Informer<CSIDriver>());
        var users = pods.Cache.Index("selinux claims", p => ClaimNames.Of(p).Select(c => new ObjectKey(p.Metadata.Namespace, c.Name).ToString()));
        var labelled = new LabelledVolumes();
        context.Options.Metrics.Volumes.Follow(labelled);
        controller.Runner
            .On(pods, change =>
            {
                // Nothing else of a pod that matters here ever changes.
                if (change.Old is null || change.New is null || (change.New.IsTerminal() && !change.Old.IsTerminal()))
                {
                    controller.Runner.Queue.Add(change.Key);
                }
            })
            .On(claims, change =>
            {
                if (change.New is { } claim && IsBound(claim) && (change.Old is null || !IsBound(change.Old)))
                {
                    Add(change.Key);
                }
            })
            .On(volumes, change =>
            {
                if (change.New?.Spec.ClaimRef is { Uid.Length: > 0 } claim && change.Old?.Spec.ClaimRef?.Uid != claim.Uid)
                {
                    Add(new(claim.Namespace, claim.Name));
                }
            })
            .On(drivers, change =>
            {
                if (Mounts(change.Old) != Mounts(change.New))
                {
                    labelled.PodsOf(change.Key.Name).ToList().ForEach(controller.Runner.Queue.Add);
                }
            });
        return controller.Build(new SELinuxWarningReconciler(pods.Cache, claims.Cache, volumes.Cache, drivers.Cache, labelled, controller.Events));

        void Add(ObjectKey claim) => users[claim.ToString()].ToList().ForEach(p => controller.Runner.Queue.Add(ObjectKey.Of(p)));
    }

    private static bool IsBound(PersistentVolumeClaim claim) => claim.Status.Phase == PersistentVolumeClaimPhase.Bound;

    private static bool Mounts(CSIDriver? driver) => driver?.Spec.SELinuxMount == true;
}
