using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Files that are made of objects and of the pod itself (upstream's validateProjectedVolumeSource and its parts).</summary>
internal static class ProjectionValidation
{
    private const string Conflicting = "conflicting duplicate paths";
    private static readonly string[] DownwardPaths = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

    /// <summary><paramref name="anyTokenPath"/>: nobody looks where tokens lie.</summary>
    public static void Validate(ProjectedVolumeSource projected, string path, bool anyTokenPath, FieldErrors errors)
    {
        Mode(projected.DefaultMode, path + ".defaultMode", errors);
        var paths = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < projected.Sources.Count; i++)
        {
            var (source, at) = (projected.Sources[i], $"{path}.sources[{i}]");
            Source(source, path, at, paths, anyTokenPath, errors);
            if (source.ToTree().Count(f => f.Value is not null) > 1)
            {
                errors.Forbidden(at, "may not specify more than 1 volume type per source");
            }
        }
    }

    public static void Mode(int? mode, string path, FieldErrors errors)
    {
        if (mode is < 0 or > 511)
        {
            errors.Invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }

    public static void Items(IReadOnlyList<KeyToPath> items, string path, FieldErrors errors)
    {
        for (var i = 0; i < items.Count; i++)
        {
            errors.RequiredName($"{path}[{i}].key", items[i].Key);
            errors.RequiredName($"{path}[{i}].path", items[i].Path);
            PathRules.Local(items[i].Path, $"{path}[{i}].path", errors);
            Mode(items[i].Mode, $"{path}[{i}].mode", errors);
        }
    }

    public static void Downward(IReadOnlyList<DownwardAPIVolumeFile> items, string path, FieldErrors errors)
    {
        foreach (var item in items)
        {
            Downward(item, path, errors);
        }
    }

    private static void Downward(DownwardAPIVolumeFile item, string path, FieldErrors errors)
    {
        errors.RequiredName(path + ".path", item.Path);
        PathRules.Local(item.Path, path + ".path", errors);
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

    private static void Source(VolumeProjection source, string path, string at, HashSet<string> paths, bool anyTokenPath, FieldErrors errors)
    {
        if (source.Secret is { } secret)
        {
            errors.RequiredName(at + ".secret.name", secret.Name);
            Keys(secret.Items, secret.Name, at + ".secret.items");
        }

        if (source.ConfigMap is { } map)
        {
            errors.RequiredName(at + ".configMap.name", map.Name);
            Keys(map.Items, map.Name, at + ".configMap.items");
        }

        foreach (var file in source.DownwardAPI?.Items ?? [])
        {
            Downward(file, at + ".downwardAPI", errors);
            Once(file.Path, file.Path);
        }

        if (source.ServiceAccountToken is { } token)
        {
            Token(token, path, at + ".serviceAccountToken", anyTokenPath, errors);
        }

        if (source.ClusterTrustBundle is { } bundle)
        {
            CertificateProjectionRules.Bundle(bundle, at + ".clusterTrustBundle", errors);
            Once(bundle.Path, bundle.Path);
        }

        if (source.PodCertificate is { } certificate)
        {
            CertificateProjectionRules.Certificate(certificate, at + ".podCertificate", file => Once(file, file), errors);
        }

        void Keys(IReadOnlyList<KeyToPath> items, string name, string list)
        {
            Items(items, list, errors);
            foreach (var item in items)
            {
                Once(item.Path, name);
            }
        }

        void Once(string file, string shown)
        {
            if (file.Length > 0 && !paths.Add(file))
            {
                errors.Invalid(path, shown, Conflicting);
            }
        }
    }

    // Upstream's path of the token's path is the volume's.
    private static void Token(ServiceAccountTokenProjection token, string path, string at, bool anyPath, FieldErrors errors)
    {
        if (token.ExpirationSeconds < 10 * 60)
        {
            errors.Invalid(at + ".expirationSeconds", token.ExpirationSeconds, "may not specify a duration less than 10 minutes");
        }

        if (token.ExpirationSeconds > 1L << 32)
        {
            errors.Invalid(at + ".expirationSeconds", token.ExpirationSeconds, "may not specify a duration larger than 2^32 seconds");
        }

        errors.RequiredName(path + ".path", token.Path);
        if (!anyPath)
        {
            PathRules.Local(token.Path, path + ".path", errors);
        }
    }
}
