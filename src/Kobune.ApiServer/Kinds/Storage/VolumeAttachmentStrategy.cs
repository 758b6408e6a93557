using System.Text;
using Kobune.Api;
using Kobune.Api.Storage.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Volumes that are to be attached to nodes. Source: pkg/apis/storage/validation, ValidateVolumeAttachment and ValidateVolumeAttachmentV1.</summary>
internal sealed class VolumeAttachmentStrategy : KindStrategy
{
    private const int MaxMetadata = 256 * 1024;
    private const int MaxMessage = 1024;
    private const string OneOfTwo = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

    public override (string Group, string Resource) Resource => ("storage.k8s.io", "volumeattachments");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var item = obj.Read<VolumeAttachment>();
        Check(item, errors);
        VolumeSourceRules.DriverName(item.Spec.Attacher, "spec.attacher", errors);
        if (item.Spec.Source.PersistentVolumeName is { } volume)
        {
            errors.Names("spec.source.persistentVolumeName", volume, NameValidation.Dns1123Subdomain(volume));
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<VolumeAttachment>(), old.Read<VolumeAttachment>());
        Check(now, errors);
        Check(now, errors); // upstream looks twice
        errors.Same("spec", now.Spec, before.Spec);
    }

    private static void Check(VolumeAttachment item, FieldErrors errors)
    {
        if (item.Spec.Attacher.Length == 0)
        {
            errors.Required("spec.attacher", "");
        }

        switch (item.Spec.Source)
        {
            case { InlineVolumeSpec: null, PersistentVolumeName: null }:
                errors.Required("spec.source", OneOfTwo);
                break;
            case { InlineVolumeSpec: not null, PersistentVolumeName: not null }:
                errors.Forbidden("spec.source", OneOfTwo);
                break;
            case { PersistentVolumeName: "" }:
                errors.Required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName");
                break;
            case { InlineVolumeSpec: { } inline }:
                InlineVolumeRules.Validate(inline, "spec.source.inlineVolumeSpec", errors);
                break;
        }

        errors.Names("spec.nodeName", item.Spec.NodeName, NameValidation.Dns1123Subdomain(item.Spec.NodeName));
        if (item.Status.AttachmentMetadata.Sum(m => Encoding.UTF8.GetByteCount(m.Key) + Encoding.UTF8.GetByteCount(m.Value)) > MaxMetadata)
        {
            errors.TooLong("status.attachmentMetadata", MaxMetadata);
        }

        Problem(item.Status.AttachError, "status.attachError", errors);
        Problem(item.Status.DetachError, "status.detachError", errors);
    }

    private static void Problem(VolumeError? error, string path, FieldErrors errors)
    {
        if (error is not null && Encoding.UTF8.GetByteCount(error.Message) > MaxMessage)
        {
            errors.TooLong(path + ".message", MaxMetadata); // upstream names the other limit
        }

        if (error?.ErrorCode is < 0 and var code)
        {
            errors.Invalid(path + ".errorCode", code, NameValidation.InclusiveRange(0, int.MaxValue));
        }
    }
}
