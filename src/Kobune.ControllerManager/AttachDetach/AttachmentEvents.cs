using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client.Events;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.AttachDetach;

/// <summary>What is told to the pods that wait for a volume.</summary>
internal sealed class AttachmentEvents(AttachmentView view, IEventRecorder events)
{
    private const string Failed = "FailedAttachVolume";

    /// <summary>An attacher says what became of an attachment.</summary>
    public void Observe(Change<VolumeAttachment> change)
    {
        if (change is not { Old: { } before, New: { } now } || now.Spec.Source.PersistentVolumeName is not { } volume)
        {
            return;
        }

        if (now.Status.Attached && !before.Status.Attached)
        {
            Tell(volume, now.Spec.NodeName, pod => events.Normal(pod, "SuccessfulAttachVolume", $"AttachVolume.Attach succeeded for volume \"{volume}\" "));
        }
        else if (now.Status.AttachError is { } error && error != before.Status.AttachError)
        {
            Tell(volume, now.Spec.NodeName, pod => events.Warning(pod, Failed, $"AttachVolume.Attach failed for volume \"{volume}\" : {error.Message}"));
        }
    }

    /// <summary>The attachment itself was refused.</summary>
    public void Refused(AttachableVolume volume, string node, string why) =>
        Tell(volume.Volume, node, pod => events.Warning(pod, Failed, $"AttachVolume.Attach failed for volume \"{volume.Volume}\" : {why}"));

    /// <summary>Another node has a volume that cannot be on two.</summary>
    public void Elsewhere(AttachableVolume volume, string node)
    {
        var others = view.Holders(volume, node).SelectMany(n => view.PodsOf(volume.Volume, n)).ToList();
        Tell(volume.Volume, node, pod => events.Warning(pod, Failed, $"Multi-Attach error for volume \"{volume.Volume}\" {UsedBy(pod, others)}"));
    }

    internal static string UsedBy(Pod pod, IReadOnlyList<Pod> others)
    {
        if (others.Count == 0)
        {
            return "Volume is already exclusively attached to one node and can't be attached to another";
        }

        var near = others.Where(o => o.Metadata.Namespace == pod.Metadata.Namespace).Select(o => o.Metadata.Name).ToList();
        var far = others.Count - near.Count;
        return near.Count == 0 ? $"Volume is already used by {far} pod(s) in different namespaces"
            : $"Volume is already used by pod(s) {string.Join(", ", near)}" + (far > 0 ? $" and {far} pod(s) in different namespaces" : "");
    }

    private void Tell(string volume, string node, Action<Pod> say)
    {
        foreach (var pod in view.PodsOf(volume, node))
        {
            say(pod);
        }
    }
}
