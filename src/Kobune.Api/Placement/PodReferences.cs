using Kobune.Api.Core.V1;
using Kobune.Api.Volumes;

namespace Kobune.Api.Placement;

/// <summary>Which other objects a pod's spec names: what its kubelet has to read (upstream's pkg/api/pod VisitPodSecretNames and VisitPodConfigmapNames, and the graph of the Node authorizer).</summary>
public static class PodReferences
{
    /// <summary>Secrets: of images, environments and volumes.</summary>
    public static IEnumerable<string> Secrets(PodSpec spec)
    {
        foreach (var reference in spec.ImagePullSecrets)
        {
            yield return reference.Name;
        }

        foreach (var name in Environments(spec, e => e.ValueFrom?.SecretKeyRef?.Name, e => e.SecretRef?.Name))
        {
            yield return name;
        }

        foreach (var name in spec.Volumes.SelectMany(SecretsOf))
        {
            yield return name;
        }
    }

    /// <summary>ConfigMaps: of environments and volumes.</summary>
    public static IEnumerable<string> ConfigMaps(PodSpec spec)
    {
        foreach (var name in Environments(spec, e => e.ValueFrom?.ConfigMapKeyRef?.Name, e => e.ConfigMapRef?.Name))
        {
            yield return name;
        }

        foreach (var volume in spec.Volumes)
        {
            if (volume.ConfigMap is { } map)
            {
                yield return map.Name;
            }

            foreach (var source in volume.Projected?.Sources ?? [])
            {
                if (source.ConfigMap is { } projected)
                {
                    yield return projected.Name;
                }
            }
        }
    }

    /// <summary>Claims, with those that are made for ephemeral volumes.</summary>
    public static IEnumerable<string> Claims(Pod pod) => ClaimNames.Of(pod).Select(c => c.Name);

    /// <summary>Secrets that a volume's driver needs on the node, with their namespaces.</summary>
    public static IEnumerable<(string Namespace, string Name)> Secrets(PersistentVolume volume)
    {
        var claimNamespace = volume.Spec.ClaimRef?.Namespace ?? "";
        var spec = volume.Spec;
        (string?, string?)[] references =
        [
            (spec.CSI?.NodeStageSecretRef?.Namespace, spec.CSI?.NodeStageSecretRef?.Name),
            (spec.CSI?.NodePublishSecretRef?.Namespace, spec.CSI?.NodePublishSecretRef?.Name),
            (spec.CSI?.NodeExpandSecretRef?.Namespace, spec.CSI?.NodeExpandSecretRef?.Name),
            (spec.FlexVolume?.SecretRef?.Namespace, spec.FlexVolume?.SecretRef?.Name),
            (spec.RBD?.SecretRef?.Namespace, spec.RBD?.SecretRef?.Name),
            (spec.CephFS?.SecretRef?.Namespace, spec.CephFS?.SecretRef?.Name),
            (spec.ISCSI?.SecretRef?.Namespace, spec.ISCSI?.SecretRef?.Name),
            (spec.AzureFile?.SecretNamespace, spec.AzureFile?.SecretName),
        ];
        foreach (var (space, name) in references)
        {
            if (!string.IsNullOrEmpty(name))
            {
                yield return (string.IsNullOrEmpty(space) ? claimNamespace : space, name);
            }
        }
    }

    private static IEnumerable<string> SecretsOf(Volume volume)
    {
        string?[] names =
        [
            volume.Secret?.SecretName, volume.CSI?.NodePublishSecretRef?.Name, volume.FlexVolume?.SecretRef?.Name, volume.RBD?.SecretRef?.Name,
            volume.CephFS?.SecretRef?.Name, volume.ISCSI?.SecretRef?.Name, volume.AzureFile?.SecretName, volume.ScaleIO?.SecretRef?.Name, volume.StorageOS?.SecretRef?.Name,
        ];
        return names.OfType<string>().Concat((volume.Projected?.Sources ?? []).Select(s => s.Secret?.Name).OfType<string>());
    }

    private static IEnumerable<string> Environments(PodSpec spec, Func<EnvVar, string?> one, Func<EnvFromSource, string?> all)
    {
        IEnumerable<(IReadOnlyList<EnvVar> Env, IReadOnlyList<EnvFromSource> From)> containers =
        [
            .. spec.InitContainers.Select(c => (c.Env, c.EnvFrom)), .. spec.Containers.Select(c => (c.Env, c.EnvFrom)), .. spec.EphemeralContainers.Select(c => (c.Env, c.EnvFrom)),
        ];
        return containers.SelectMany(c => c.Env.Select(one).Concat(c.From.Select(all))).OfType<string>();
    }
}
