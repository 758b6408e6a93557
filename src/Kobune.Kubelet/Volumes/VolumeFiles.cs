using System.Text;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Volumes;

/// <summary>The files of configMap, secret, downwardAPI and projected volumes, and when they must be looked at again.</summary>
internal sealed class VolumeFiles(IPodObjects objects, ServiceAccountTokens tokens)
{
    internal sealed record Result(IReadOnlyDictionary<string, VolumeFile> Files, DateTimeOffset? RefreshAt = null);

    /// <summary>What downward API items need beside the pod.</summary>
    internal sealed record Context(IReadOnlyList<string> PodIPs, IReadOnlyList<string> HostIPs, IReadOnlyDictionary<string, Quantity> Allocatable);

    /// <summary>Null when the volume is of another kind.</summary>
    internal async Task<Result?> FindAsync(Pod pod, Volume volume, Context context, CancellationToken ct)
    {
        var ns = pod.Metadata.Namespace;
        if (volume.ConfigMap is { } map)
        {
            return new(await ConfigMapAsync(ns, map.Name, map.Items, map.DefaultMode ?? 420, map.Optional == true, ct));
        }

        if (volume.Secret is { } secret)
        {
            return new(await SecretAsync(ns, secret.SecretName, secret.Items, secret.DefaultMode ?? 420, secret.Optional == true, ct));
        }

        if (volume.DownwardAPI is { } downward)
        {
            return new(Downward(pod, downward.Items, downward.DefaultMode ?? 420, context));
        }

        return volume.Projected is { } projected ? await ProjectedAsync(pod, projected, context, ct) : null;
    }

    private async Task<Result> ProjectedAsync(Pod pod, ProjectedVolumeSource projected, Context context, CancellationToken ct)
    {
        var files = new Dictionary<string, VolumeFile>();
        DateTimeOffset? refresh = null;
        var problems = new List<string>();
        var mode = projected.DefaultMode ?? 420;
        var ns = pod.Metadata.Namespace;
        foreach (var source in projected.Sources)
        {
            try
            {
                if (source.ConfigMap is { } map)
                {
                    Add(await ConfigMapAsync(ns, map.Name, map.Items, mode, map.Optional == true, ct));
                }
                else if (source.Secret is { } secret)
                {
                    Add(await SecretAsync(ns, secret.Name, secret.Items, mode, secret.Optional == true, ct));
                }
                else if (source.DownwardAPI is { } downward)
                {
                    Add(Downward(pod, downward.Items, mode, context));
                }
                else if (source.ServiceAccountToken is { } projection)
                {
                    var token = await tokens.GetAsync(pod, projection, ct);
                    refresh = refresh is null || token.RefreshAt < refresh ? token.RefreshAt : refresh;
                    files[projection.Path] = TokenFile(pod, token.Token, mode);
                }
            }
            catch (VolumeException e)
            {
                problems.Add(e.Message);
            }
        }

        return problems.Count switch
        {
            0 => new(files, refresh),
            1 => throw new VolumeException(problems[0]),
            _ => throw new VolumeException($"[{string.Join(", ", problems)}]"),
        };

        void Add(Dictionary<string, VolumeFile> more)
        {
            foreach (var (path, file) in more)
            {
                files[path] = file;
            }
        }
    }

    /// <summary>A token is for its user alone: the one user of all containers, or the fsGroup.</summary>
    private static VolumeFile TokenFile(Pod pod, string token, int mode)
    {
        var bytes = Encoding.UTF8.GetBytes(token);
        if (pod.Spec.SecurityContext?.FSGroup is not null)
        {
            return new(bytes, 0b110_000_000);
        }

        var users = PodContainers.All(pod).Select(c => c.SecurityContext?.RunAsUser ?? pod.Spec.SecurityContext?.RunAsUser).Distinct().ToList();
        return users is [{ } user] ? new(bytes, 0b110_000_000, user) : new(bytes, mode);
    }

    private async Task<Dictionary<string, VolumeFile>> ConfigMapAsync(string ns, string name, IReadOnlyList<KeyToPath> items, int mode, bool optional, CancellationToken ct)
    {
        if (await objects.FindConfigMapAsync(ns, name, ct) is { } map)
        {
            return KeyProjection.Project(KeyProjection.Data(map), items, mode, optional, key => $"configmap references non-existent config key: {key}");
        }

        return optional ? [] : throw new VolumeException($"configmap \"{name}\" not found");
    }

    private async Task<Dictionary<string, VolumeFile>> SecretAsync(string ns, string name, IReadOnlyList<KeyToPath> items, int mode, bool optional, CancellationToken ct)
    {
        if (await objects.FindSecretAsync(ns, name, ct) is { } secret)
        {
            return KeyProjection.Project(secret.Data, items, mode, optional, key => $"references non-existent secret key: {key}");
        }

        return optional ? [] : throw new VolumeException($"secret \"{name}\" not found");
    }

    private static Dictionary<string, VolumeFile> Downward(Pod pod, IReadOnlyList<DownwardAPIVolumeFile> items, int defaultMode, Context context)
    {
        var files = new Dictionary<string, VolumeFile>();
        foreach (var item in items)
        {
            var text = item.FieldRef is { } field ? PodFields.Field(pod, field.FieldPath, context.PodIPs, context.HostIPs)
                : item.ResourceFieldRef is { } resource && PodContainers.Find(pod, resource.ContainerName) is { } container
                    ? PodFields.Resource(container, resource.Resource, resource.Divisor, context.Allocatable)
                    : null;
            files[item.Path] = new(Encoding.UTF8.GetBytes(text ?? throw new VolumeException($"unsupported field of downward API item {item.Path}")), item.Mode ?? defaultMode);
        }

        return files;
    }
}
