using System.Text;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Volumes;

namespace Kobune.Kubelet.Containers;

/// <summary>A container cannot be configured: becomes the waiting reason CreateContainerConfigError with this message.</summary>
internal sealed class ContainerConfigException(string message) : Exception(message);

/// <summary>The ConfigMaps and Secrets that pods of this node refer to.</summary>
internal interface IPodObjects
{
    /// <summary>Null when it does not exist.</summary>
    Task<ConfigMap?> FindConfigMapAsync(string ns, string name, CancellationToken ct);

    /// <summary>Null when it does not exist.</summary>
    Task<Secret?> FindSecretAsync(string ns, string name, CancellationToken ct);
}

/// <summary>What variables of a container can refer to beside the pod itself.</summary>
internal sealed record EnvironmentSources(
    IPodObjects Objects, IEnumerable<Service> Services, IReadOnlyDictionary<string, Quantity> Allocatable, IReadOnlyList<string> PodIPs, IReadOnlyList<string> HostIPs)
{
    /// <summary>Where the pod's volumes are on the node, by name.</summary>
    internal IReadOnlyDictionary<string, MountedVolume> Volumes { get; init; } = new Dictionary<string, MountedVolume>();
}

/// <summary>The environment of a container (kubelet_pods.go): envFrom, then env with $(NAME) expansion, then Services that nothing has overridden.</summary>
internal static class ContainerEnvironment
{
    /// <param name="skipped">Told the source and the keys of envFrom that are no variable names.</param>
    /// <exception cref="ContainerConfigException">A reference cannot be resolved.</exception>
    internal static async Task<IReadOnlyList<KeyValuePair<string, string>>> ComputeAsync(
        Pod pod, Container container, EnvironmentSources sources, Action<string, IReadOnlyList<string>> skipped, CancellationToken ct)
    {
        var services = ServiceEnvironment.Compute(pod.Metadata.Namespace, pod.Spec.EnableServiceLinks ?? true, sources.Services);
        var known = new Dictionary<string, string>();
        var result = new List<KeyValuePair<string, string>>();

        foreach (var from in container.EnvFrom)
        {
            await AddAllAsync(pod, from, sources.Objects, known, skipped, ct);
        }

        result.AddRange(known);
        foreach (var variable in container.Env)
        {
            var value = variable.ValueFrom is { } source
                ? await ResolveAsync(pod, container, source, sources, ct)
                : Expansion.Expand(variable.Value, name => known.GetValueOrDefault(name) ?? services.GetValueOrDefault(name));
            if (value is null)
            {
                continue; // an optional reference without a target sets nothing
            }

            known[variable.Name] = value;
            result.RemoveAll(p => p.Key == variable.Name);
            result.Add(new(variable.Name, value));
        }

        result.AddRange(services.Where(p => !known.ContainsKey(p.Key)));
        return result;
    }

    private static async Task AddAllAsync(
        Pod pod, EnvFromSource from, IPodObjects objects, Dictionary<string, string> known, Action<string, IReadOnlyList<string>> skipped, CancellationToken ct)
    {
        var ns = pod.Metadata.Namespace;
        var invalid = new List<string>();
        if (from.ConfigMapRef is { } mapRef)
        {
            var map = await objects.FindConfigMapAsync(ns, mapRef.Name, ct);
            if (map is null && mapRef.Optional != true)
            {
                throw new ContainerConfigException($"configmap \"{mapRef.Name}\" not found");
            }

            foreach (var (key, value) in map?.Data ?? new Dictionary<string, string>())
            {
                Add(from.Prefix + key, value);
            }

            Report($"configMap {ns}/{mapRef.Name}");
        }
        else if (from.SecretRef is { } secretRef)
        {
            var secret = await objects.FindSecretAsync(ns, secretRef.Name, ct);
            if (secret is null && secretRef.Optional != true)
            {
                throw new ContainerConfigException($"secret \"{secretRef.Name}\" not found");
            }

            foreach (var (key, value) in secret?.Data ?? new Dictionary<string, ReadOnlyMemory<byte>>())
            {
                Add(from.Prefix + key, Encoding.UTF8.GetString(value.Span));
            }

            Report($"secret {ns}/{secretRef.Name}");
        }

        void Add(string name, string value)
        {
            // Since 1.34 any printable ASCII but '=' is a variable name.
            if (name.Length == 0 || name.Any(c => c is < ' ' or > '~' or '='))
            {
                invalid.Add(name);
            }
            else
            {
                known[name] = value;
            }
        }

        void Report(string source)
        {
            if (invalid.Count > 0)
            {
                invalid.Sort(StringComparer.Ordinal);
                skipped(source, invalid);
            }
        }
    }

    private static async Task<string?> ResolveAsync(Pod pod, Container container, EnvVarSource source, EnvironmentSources sources, CancellationToken ct)
    {
        var ns = pod.Metadata.Namespace;
        if (source.FieldRef is { } field)
        {
            return PodFields.Field(pod, field.FieldPath, sources.PodIPs, sources.HostIPs) ?? throw new ContainerConfigException($"unsupported fieldPath: {field.FieldPath}");
        }

        if (source.ResourceFieldRef is { } resource)
        {
            var target = resource.ContainerName.Length == 0 ? container : PodContainers.Find(pod, resource.ContainerName) ?? container;
            return PodFields.Resource(target, resource.Resource, resource.Divisor, sources.Allocatable)
                ?? throw new ContainerConfigException($"unsupported container resource : {resource.Resource}");
        }

        if (source.ConfigMapKeyRef is { } mapKey)
        {
            var map = await sources.Objects.FindConfigMapAsync(ns, mapKey.Name, ct);
            if (map is not null && map.Data.TryGetValue(mapKey.Key, out var value))
            {
                return value;
            }

            return mapKey.Optional == true ? null
                : throw new ContainerConfigException(map is null ? $"configmap \"{mapKey.Name}\" not found" : $"couldn't find key {mapKey.Key} in ConfigMap {ns}/{mapKey.Name}");
        }

        if (source.SecretKeyRef is { } secretKey)
        {
            var secret = await sources.Objects.FindSecretAsync(ns, secretKey.Name, ct);
            if (secret is not null && secret.Data.TryGetValue(secretKey.Key, out var value))
            {
                return Encoding.UTF8.GetString(value.Span);
            }

            return secretKey.Optional == true ? null
                : throw new ContainerConfigException(secret is null ? $"secret \"{secretKey.Name}\" not found" : $"couldn't find key {secretKey.Key} in Secret {ns}/{secretKey.Name}");
        }

        return source.FileKeyRef is { } fileKey ? OfFile(fileKey, sources.Volumes) : "";
    }

    // An optional key may be missing, and so may its value; a file may not. Source: kubelet_pods.go, makeEnvironmentVariables.
    private static string? OfFile(FileKeySelector selector, IReadOnlyDictionary<string, MountedVolume> volumes)
    {
        if (!volumes.TryGetValue(selector.VolumeName, out var volume))
        {
            throw new ContainerConfigException($"cannot find the volume \"{selector.VolumeName}\" referenced by FileKeyRef");
        }

        string path, value;
        try
        {
            path = SubPath.Within(volume.Path, selector.Path);
            using var file = File.OpenRead(path);
            value = EnvFile.Find(file, selector.Key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or VolumeException)
        {
            throw new ContainerConfigException("couldn't parse env file");
        }

        return value.Length > 0 ? value : selector.Optional == true ? null
            : throw new ContainerConfigException($"environment variable key \"{selector.Key}\" not found in file \"{path}\"");
    }
}
