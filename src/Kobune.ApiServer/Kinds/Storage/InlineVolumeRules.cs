using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>A persistent volume that stands in an attachment: of a driver, and without all that is about claims. Source: pkg/apis/core/validation, ValidatePersistentVolumeSpec.</summary>
internal static class InlineVolumeRules
{
    private const string Not = "may not be specified in the context of inline volumes";

    public static void Validate(PersistentVolumeSpec spec, string path, FieldErrors errors)
    {
        Refuse(spec.ClaimRef is not null, ".claimRef", Not);
        Refuse(spec.Capacity.Count > 0, ".capacity", Not);
        if (spec.CSI is null)
        {
            errors.Required(path + ".csi", "has to be specified in the context of inline volumes");
        }

        if (spec.AccessModes.Count == 0)
        {
            errors.Required(path + ".accessModes", "");
        }

        AccessModes.Validate(spec.AccessModes, path + ".accessModes", errors);
        Refuse(spec.PersistentVolumeReclaimPolicy is not ("" or "Retain"), ".persistentVolumeReclaimPolicy", "may only be Retain in the context of inline volumes");
        Refuse(spec.NodeAffinity is not null, ".nodeAffinity", Not);
        PersistentSourceRules.Source(spec, "", path, errors);
        Refuse(spec.StorageClassName.Length > 0, ".storageClassName", Not);
        Refuse(spec.VolumeMode is not (null or "Filesystem"), ".volumeMode", "may not specify volumeMode other than Filesystem in the context of inline volumes");
        PersistentSourceRules.AttributesClass(spec, path, errors);

        void Refuse(bool isWrong, string field, string detail)
        {
            if (isWrong)
            {
                errors.Forbidden(path + field, detail);
            }
        }
    }
}
