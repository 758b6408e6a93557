using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Storage;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of a pod's volumes (upstream's ValidateVolumes).</summary>
internal static class VolumeValidation
{
    // In the order in which upstream looks for them, with its path where that is not the field's name: what comes second is one too many.
    private static readonly (string Source, string Path)[] Sources =
    [
        ("emptyDir", ""), ("hostPath", ""), ("gitRepo", ""), ("gcePersistentDisk", ""), ("awsElasticBlockStore", ""), ("secret", ""), ("nfs", ""), ("iscsi", ""), ("glusterfs", ""), ("flocker", ""),
        ("persistentVolumeClaim", ""), ("rbd", ""), ("cinder", ""), ("cephfs", "cephFS"), ("quobyte", ""), ("downwardAPI", "downwarAPI"), ("fc", ""), ("flexVolume", ""), ("configMap", ""), ("azureFile", ""),
        ("vsphereVolume", ""), ("photonPersistentDisk", ""), ("portworxVolume", ""), ("azureDisk", ""), ("storageos", ""), ("projected", ""), ("scaleIO", ""), ("csi", ""), ("ephemeral", ""), ("image", ""),
    ];

    /// <summary>Checks all and gives those in which nothing is wrong. <paramref name="podName"/> is null for templates.</summary>
    public static Dictionary<string, Volume> Validate(IReadOnlyList<Volume> volumes, string? podName, string path, PodTolerance tolerance, FieldErrors errors)
    {
        var good = new Dictionary<string, Volume>(StringComparer.Ordinal);
        var made = string.IsNullOrEmpty(podName) ? [] : volumes.Where(v => v.Ephemeral is not null).Select(v => $"{podName}-{v.Name}").ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < volumes.Count; i++)
        {
            var (volume, at, before) = (volumes[i], $"{path}[{i}]", errors.Items.Count);
            Source(volume, podName, at, tolerance, errors);
            errors.RequiredName(at + ".name", volume.Name, NameValidation.Dns1123Label);
            if (good.ContainsKey(volume.Name))
            {
                errors.Duplicate(at + ".name", volume.Name);
            }

            if (errors.Items.Count == before)
            {
                good[volume.Name] = volume;
            }

            if (volume.PersistentVolumeClaim is { } claim && made.Contains(claim.ClaimName))
            {
                errors.Invalid(at + ".persistentVolumeClaim.claimName", claim.ClaimName, "must not reference a PVC that gets created for an ephemeral volume");
            }
        }

        return good;
    }

    private static void Source(Volume volume, string? podName, string path, PodTolerance tolerance, FieldErrors errors)
    {
        var tree = volume.ToTree();
        var first = "";
        foreach (var (source, other) in Sources.Where(s => tree.Has(s.Source)))
        {
            if (first.Length > 0)
            {
                errors.Forbidden($"{path}.{(other.Length > 0 ? other : source)}", "may not specify more than 1 volume type");
                continue;
            }

            first = source;
            Source(volume, source, tree, podName, path, tolerance, errors);
        }

        if (first.Length == 0)
        {
            errors.Required(path, "must specify a volume type");
        }

        if (volume.ISCSI is { InitiatorName: not null } iscsi && $"{volume.Name}:{iscsi.TargetPortal}".Length > VolumeSourceRules.MaxPortal)
        {
            errors.Invalid(path + ".name", volume.Name, VolumeSourceRules.PortalTooLong);
        }
    }

    private static void Source(Volume volume, string source, JsonObject tree, string? podName, string path, PodTolerance tolerance, FieldErrors errors)
    {
        var at = $"{path}.{source}";
        switch (source)
        {
            case "emptyDir":
                if (volume.EmptyDir!.SizeLimit is { } size && size.Sign < 0)
                {
                    errors.Forbidden(at + ".sizeLimit", "SizeLimit field must be a valid resource quantity");
                }

                break;
            case "secret":
                errors.RequiredName(at + ".secretName", volume.Secret!.SecretName);
                ProjectionValidation.Mode(volume.Secret.DefaultMode, at + ".defaultMode", errors);
                ProjectionValidation.Items(volume.Secret.Items, at + ".items", errors);
                break;
            case "configMap":
                errors.RequiredName(at + ".name", volume.ConfigMap!.Name);
                ProjectionValidation.Mode(volume.ConfigMap.DefaultMode, at + ".defaultMode", errors);
                ProjectionValidation.Items(volume.ConfigMap.Items, at + ".items", errors);
                break;
            case "persistentVolumeClaim":
                errors.RequiredName(at + ".claimName", volume.PersistentVolumeClaim!.ClaimName);
                break;
            case "downwardAPI":
                ProjectionValidation.Mode(volume.DownwardAPI!.DefaultMode, at + ".defaultMode", errors);
                ProjectionValidation.Downward(volume.DownwardAPI.Items, at, errors);
                break;
            case "projected":
                ProjectionValidation.Validate(volume.Projected!, at, tolerance.TokenPaths, errors);
                break;
            case "csi":
                Csi(volume.CSI!, at, errors);
                break;
            case "ephemeral":
                Ephemeral(volume, podName, path, errors);
                break;
            case "image":
                if (podName is not null && volume.Image!.Reference.Length == 0)
                {
                    errors.Required(at + ".reference", ""); // a template's may be told later
                }

                errors.OneOf(at + ".pullPolicy", volume.Image!.PullPolicy, "Always", "IfNotPresent", "Never");
                break;
            default:
                VolumeSourceRules.Validate(source, (JsonObject)tree[source]!, path, isPersistent: false, errors);
                break;
        }
    }

    private static void Csi(CSIVolumeSource source, string path, FieldErrors errors)
    {
        VolumeSourceRules.DriverName(source.Driver, path + ".driver", errors);
        if (source.NodePublishSecretRef is { } secret)
        {
            if (secret.Name.Length == 0)
            {
                errors.Required(path + ".nodePublishSecretRef.name", "");
            }
            else
            {
                errors.Names(path + ".name", secret.Name, NameValidation.Dns1123Subdomain(secret.Name));
            }
        }
    }

    private static void Ephemeral(Volume volume, string? podName, string path, FieldErrors errors)
    {
        var at = path + ".ephemeral.volumeClaimTemplate";
        if (volume.Ephemeral!.VolumeClaimTemplate is not { } template)
        {
            errors.Required(at, "");
        }
        else
        {
            errors.Labels(at + ".metadata.labels", template.Metadata.Labels);
            foreach (var (field, _) in template.Metadata.ToTree().Where(f => f.Key is not ("labels" or "annotations") && f.Value is not null))
            {
                errors.Forbidden($"{at}.metadata.{field}", "cannot be set");
            }

            ClaimSpecRules.Validate(template.Spec, null, at + ".spec", errors);
        }

        if (!string.IsNullOrEmpty(podName) && volume.Name.Length > 0)
        {
            var claim = $"{podName}-{volume.Name}";
            foreach (var problem in NameValidation.Dns1123Subdomain(claim))
            {
                errors.Invalid(path + ".name", volume.Name, $"PVC name \"{claim}\": {problem}");
            }
        }
    }
}
