using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Storage;

/// <summary>Where the storage of a persistent volume is, be it an object of its own or part of an attachment. Source: pkg/apis/core/validation, ValidatePersistentVolumeSpec.</summary>
internal static class PersistentSourceRules
{
    // As upstream looks for them: what comes second is one too many.
    private static readonly string[] Sources =
    [
        "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "flocker", "nfs", "rbd", "quobyte", "cephfs", "iscsi", "cinder", "fc", "flexVolume", "azureFile",
        "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk", "scaleIO", "local", "storageos", "csi",
    ];

    /// <summary>The one source. <paramref name="name"/> is the volume's.</summary>
    public static void Source(PersistentVolumeSpec spec, string name, string path, FieldErrors errors)
    {
        var tree = spec.ToTree();
        var found = Sources.Where(s => tree.Has(s)).ToList();
        if (found.Count == 0)
        {
            errors.Required(path, "must specify a volume type");
            return;
        }

        foreach (var extra in found.Skip(1))
        {
            errors.Forbidden($"{path}." + (extra == "cephfs" ? "cephFS" : extra), "may not specify more than 1 volume type");
        }

        if (found[0] == "csi")
        {
            Csi(spec.CSI!, path + ".csi", errors);
        }
        else
        {
            VolumeSourceRules.Validate(found[0], tree.Child(found[0])!, path, isPersistent: true, errors);
        }

        if (spec.ISCSI is { InitiatorName: not null } iscsi && $"{name}:{iscsi.TargetPortal}".Length > VolumeSourceRules.MaxPortal)
        {
            errors.Invalid(path + ".iscsi.targetportal", iscsi.TargetPortal, VolumeSourceRules.PortalTooLong);
        }

        if (found[0] == "azureFile" && spec.AzureFile?.SecretNamespace is "")
        {
            errors.Required(path + ".azureFile.secretNamespace", "");
        }

        if (found[0] == "local" && spec.NodeAffinity is null)
        {
            errors.Required(path + ".nodeAffinity", "Local volume requires node affinity");
        }
    }

    public static void AttributesClass(PersistentVolumeSpec spec, string path, FieldErrors errors)
    {
        if (spec.VolumeAttributesClassName is not { } name)
        {
            return;
        }

        if (name.Length == 0)
        {
            errors.Required(path + ".volumeAttributesClassName", "an empty string is disallowed");
        }
        else
        {
            errors.Names(path + ".volumeAttributesClassName", name, NameValidation.Dns1123Subdomain(name));
        }

        if (spec.CSI is null)
        {
            errors.Required(path + ".csi", "has to be specified when using volumeAttributesClassName");
        }
    }

    private static void Csi(CSIPersistentVolumeSource csi, string path, FieldErrors errors)
    {
        VolumeSourceRules.DriverName(csi.Driver, path + ".driver", errors);
        errors.RequiredName(path + ".volumeHandle", csi.VolumeHandle);
        Secret(csi.ControllerPublishSecretRef, "controllerPublishSecretRef");
        Secret(csi.ControllerExpandSecretRef, "controllerExpandSecretRef");
        Secret(csi.NodePublishSecretRef, "nodePublishSecretRef");
        Secret(csi.NodeExpandSecretRef, "nodeExpandSecretRef");

        void Secret(SecretReference? secret, string field)
        {
            if (secret is not null)
            {
                errors.RequiredName($"{path}.{field}.name", secret.Name, NameValidation.Dns1123Subdomain);
                errors.RequiredName($"{path}.{field}.namespace", secret.Namespace, NameValidation.Dns1123Label);
            }
        }
    }
}
