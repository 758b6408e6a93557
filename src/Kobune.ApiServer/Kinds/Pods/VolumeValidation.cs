using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of a pod's volumes (upstream's ValidateVolumes).</summary>
internal static class VolumeValidation
{
    private static readonly string[] HostPathTypes = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
    private static readonly string[] DownwardPaths = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

    /// <summary>Checks all and gives the names.</summary>
    public static HashSet<string> Validate(IReadOnlyList<Volume> volumes, string path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < volumes.Count; i++)
        {
            var (volume, at) = (volumes[i], $"{path}[{i}]");
            errors.RequiredName(at + ".name", volume.Name, NameValidation.Dns1123Label);
            Source(volume, at, errors);
            if (volume.Name.Length > 0 && !names.Add(volume.Name))
            {
                errors.Duplicate(at + ".name", volume.Name);
            }
        }

        return names;
    }

    private static void Source(Volume volume, string path, FieldErrors errors)
    {
        string[] sources = [.. volume.ToTree().Where(f => f.Key != "name" && f.Value is not null).Select(f => f.Key)];
        if (sources.Length == 0)
        {
            errors.Required(path, "must specify a volume type");
            return;
        }

        foreach (var extra in sources[1..])
        {
            errors.Forbidden($"{path}.{extra}", "may not specify more than 1 volume type");
        }

        switch (sources[0])
        {
            case "hostPath":
                HostPath(volume.HostPath!, path + ".hostPath", errors);
                break;
            case "emptyDir":
                if (volume.EmptyDir!.SizeLimit is { } size && size.Sign < 0)
                {
                    errors.Forbidden(path + ".emptyDir.sizeLimit", "SizeLimit field must be a valid resource quantity");
                }

                break;
            case "secret":
                errors.RequiredName(path + ".secret.secretName", volume.Secret!.SecretName);
                Mode(volume.Secret.DefaultMode, path + ".secret.defaultMode", errors);
                Items(volume.Secret.Items, path + ".secret.items", errors);
                break;
            case "configMap":
                errors.RequiredName(path + ".configMap.name", volume.ConfigMap!.Name);
                Mode(volume.ConfigMap.DefaultMode, path + ".configMap.defaultMode", errors);
                Items(volume.ConfigMap.Items, path + ".configMap.items", errors);
                break;
            case "persistentVolumeClaim":
                errors.RequiredName(path + ".persistentVolumeClaim.claimName", volume.PersistentVolumeClaim!.ClaimName);
                break;
            case "downwardAPI":
                Mode(volume.DownwardAPI!.DefaultMode, path + ".downwardAPI.defaultMode", errors);
                DownwardItems(volume.DownwardAPI.Items, path + ".downwardAPI", errors);
                break;
            case "projected":
                Projected(volume.Projected!, path + ".projected", errors);
                break;
            case "nfs":
                errors.RequiredName(path + ".nfs.server", volume.NFS!.Server);
                errors.RequiredName(path + ".nfs.path", volume.NFS.Path);
                break;
            case "csi":
                errors.RequiredName(path + ".csi.driver", volume.CSI!.Driver);
                break;
            case "ephemeral":
                if (volume.Ephemeral!.VolumeClaimTemplate is null)
                {
                    errors.Required(path + ".ephemeral.volumeClaimTemplate", "");
                }

                break;
            case "image":
                errors.RequiredName(path + ".image.reference", volume.Image!.Reference);
                errors.OneOf(path + ".image.pullPolicy", volume.Image.PullPolicy, "Always", "IfNotPresent", "Never");
                break;
        }
    }

    private static void HostPath(HostPathVolumeSource source, string path, FieldErrors errors)
    {
        if (source.Path.Length == 0)
        {
            errors.Required(path + ".path", "");
            return;
        }

        if (source.Path.Split('/').Contains(".."))
        {
            errors.Invalid(path + ".path", source.Path, "must not contain '..'");
        }

        if (source.Type is { } type && !HostPathTypes.Contains(type))
        {
            errors.NotSupported(path + ".type", type, HostPathTypes);
        }
    }

    private static void Mode(int? mode, string path, FieldErrors errors)
    {
        if (mode is < 0 or > 511)
        {
            errors.Invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }

    private static void Items(IReadOnlyList<KeyToPath> items, string path, FieldErrors errors)
    {
        for (var i = 0; i < items.Count; i++)
        {
            errors.RequiredName($"{path}[{i}].key", items[i].Key);
            if (items[i].Path.Length == 0)
            {
                errors.Required($"{path}[{i}].path", "");
            }
            else
            {
                LocalPath(items[i].Path, $"{path}[{i}].path", errors);
            }

            Mode(items[i].Mode, $"{path}[{i}].mode", errors);
        }
    }

    private static void LocalPath(string value, string path, FieldErrors errors)
    {
        if (value.StartsWith('/'))
        {
            errors.Invalid(path, value, "must be a relative path");
        }

        if (value.Split('/').Contains(".."))
        {
            errors.Invalid(path, value, "must not contain '..'");
        }
        else if (value.StartsWith("..", StringComparison.Ordinal))
        {
            errors.Invalid(path, value, "must not start with '..'");
        }
    }

    private static void DownwardItems(IReadOnlyList<DownwardAPIVolumeFile> items, string path, FieldErrors errors)
    {
        foreach (var item in items)
        {
            if (item.Path.Length == 0)
            {
                errors.Required(path + ".path", "");
            }
            else
            {
                LocalPath(item.Path, path + ".path", errors);
            }

            if (item.FieldRef is { } field)
            {
                EnvValidation.FieldPath(field, path + ".fieldRef", DownwardPaths, errors);
                if (item.ResourceFieldRef is not null)
                {
                    errors.Invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
                }
            }
            else if (item.ResourceFieldRef is { } resource)
            {
                EnvValidation.ResourceField(resource, path + ".resourceFieldRef", isVolume: true, errors);
            }
            else
            {
                errors.Required(path, "one of fieldRef and resourceFieldRef is required");
            }

            Mode(item.Mode, path + ".mode", errors);
        }
    }

    private static void Projected(ProjectedVolumeSource projected, string path, FieldErrors errors)
    {
        Mode(projected.DefaultMode, path + ".defaultMode", errors);
        for (var i = 0; i < projected.Sources.Count; i++)
        {
            var (source, at) = (projected.Sources[i], $"{path}.sources[{i}]");
            var count = source.ToTree().Count(f => f.Value is not null);
            if (count > 1)
            {
                errors.Forbidden(at, "may not specify more than 1 volume type");
            }
            else if (count == 0)
            {
                errors.Required(at, "must specify a volume type");
            }

            if (source.Secret is { } secret)
            {
                errors.RequiredName(at + ".secret.name", secret.Name);
                Items(secret.Items, at + ".secret.items", errors);
            }

            if (source.ConfigMap is { } map)
            {
                errors.RequiredName(at + ".configMap.name", map.Name);
                Items(map.Items, at + ".configMap.items", errors);
            }

            if (source.DownwardAPI is { } downward)
            {
                DownwardItems(downward.Items, at + ".downwardAPI", errors);
            }

            if (source.ServiceAccountToken is { } token)
            {
                Token(token, at + ".serviceAccountToken", errors);
            }
        }
    }

    private static void Token(ServiceAccountTokenProjection token, string path, FieldErrors errors)
    {
        if (token.ExpirationSeconds < 10 * 60)
        {
            errors.Invalid(path + ".expirationSeconds", token.ExpirationSeconds, "may not specify a duration less than 10 minutes");
        }

        if (token.ExpirationSeconds > 1L << 32)
        {
            errors.Invalid(path + ".expirationSeconds", token.ExpirationSeconds, "may not specify a duration larger than 2^32 seconds");
        }

        if (token.Path.Length == 0)
        {
            errors.Required(path + ".path", "");
        }
        else
        {
            LocalPath(token.Path, path + ".path", errors);
        }
    }
}
