using Kobune.Api.Core.V1;
using Kobune.Api.Volumes;
using Kobune.Client;

namespace Kobune.ControllerManager.EphemeralVolumes;

/// <summary>Registration of the controller that makes the claims of generic ephemeral volumes. Source: pkg/controller/volume/ephemeral.</summary>
internal static class EphemeralVolumeController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("ephemeral-volume", "ephemeral-volume-controller", eventSource: "ephemeral_volume");
        var pods = controller.Informer<Pod>();
        var claims = controller.Informer<PersistentVolumeClaim>();
        var users = pods.Cache.Index("ephemeral claim", pod => [.. ClaimNames.Of(pod).Where(c => c.IsEphemeral).Select(c => pod.Metadata.Namespace + "/" + c.Name)]);
        controller.Runner
            .On(pods, change =>
            {
                // The volumes of a pod never change, and the garbage collector takes the claims of one that is gone.
                if (change is { Old: null, New: { } pod } && pod.Spec.Volumes.Any(v => v.Ephemeral is not null))
                {
                    controller.Runner.Queue.Add(ObjectKey.Of(pod));
                }
            })
            .On(claims, change =>
            {
                if (change.New is not null)
                {
                    return;
                }

                foreach (var pod in users[change.Key.ToString()]) // somebody deleted it under a pod: it is made anew
                {
                    controller.Runner.Queue.Add(ObjectKey.Of(pod));
                }
            });
        return controller.Build(new EphemeralVolumeReconciler(pods.Cache, claims.Cache, controller.Client, controller.Events, context.Options.Metrics.Upkeep));
    }
}
