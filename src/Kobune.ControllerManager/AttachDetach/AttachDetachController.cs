using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.AttachDetach;

/// <summary>Registration of the attach-detach controller: its keys are nodes. Source: pkg/controller/volume/attachdetach.</summary>
internal static class AttachDetachController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("attachdetach", "attachdetach-controller");
        var (nodes, pods, attachments) = (controller.Informer<Node>(), controller.Informer<Pod>(), controller.Informer<VolumeAttachment>());
        var (claims, volumes, drivers) = (controller.Informer<PersistentVolumeClaim>(), controller.Informer<PersistentVolume>(), controller.Informer<CSIDriver>());
        var view = new AttachmentView(pods.Cache, claims.Cache, volumes.Cache, drivers.Cache, attachments.Cache);
        var events = new AttachmentEvents(view, controller.Events);
        var taken = new AttachmentClaims(context.Time);
        context.Options.Metrics.Volumes.Follow(view);
        var reconciler = new AttachDetachReconciler(nodes.Cache, view, taken, events, controller.Client, context.Options, context.Time);
        controller.Runner
            .On(nodes, change => Add(change.Key.Name))
            .Watches(pods, pod => pod.Spec.NodeName.Length > 0 && pod.Spec.Volumes.Count > 0 ? [Key(pod.Spec.NodeName)] : [])
            .Watches(claims, claim => view.NodesOfClaim(ObjectKey.Of(claim)).Select(Key))
            .Watches(volumes, volume => volume.Spec.ClaimRef is { } claim ? view.NodesOfClaim(new(claim.Namespace, claim.Name)).Select(Key) : [])
            .On(drivers, _ => nodes.Cache.List().ToList().ForEach(n => Add(n.Metadata.Name)))
            .On(attachments, change =>
            {
                events.Observe(change);
                Add(change.Object.Spec.NodeName);
                taken.Release(change.Object.Spec.Source.PersistentVolumeName ?? "", change.Object.Spec.NodeName);
                if (change.New is null)
                {
                    reconciler.Refused.ForEach(Add); // a volume that was elsewhere may be free now
                }
            });
        return controller.Build(reconciler);

        void Add(string node) => controller.Runner.Queue.Add(Key(node));

        static ObjectKey Key(string node) => new("", node);
    }
}
