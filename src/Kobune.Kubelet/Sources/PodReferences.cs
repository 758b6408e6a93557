using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Sources;

/// <summary>Kind, namespace and name of a ConfigMap or Secret.</summary>
internal readonly record struct PodReference(bool IsSecret, string Namespace, string Name);

/// <summary>The ConfigMaps and Secrets that a pod refers to.</summary>
internal static class PodReferences
{
    internal static HashSet<PodReference> Of(Pod pod)
    {
        var found = new HashSet<PodReference>();
        var ns = pod.Metadata.Namespace;
        foreach (var volume in pod.Spec.Volumes)
        {
            Map(volume.ConfigMap?.Name);
            Secret(volume.Secret?.SecretName);
            foreach (var source in volume.Projected?.Sources ?? [])
            {
                Map(source.ConfigMap?.Name);
                Secret(source.Secret?.Name);
            }
        }

        foreach (var container in PodContainers.All(pod))
        {
            foreach (var from in container.EnvFrom)
            {
                Map(from.ConfigMapRef?.Name);
                Secret(from.SecretRef?.Name);
            }

            foreach (var variable in container.Env)
            {
                Map(variable.ValueFrom?.ConfigMapKeyRef?.Name);
                Secret(variable.ValueFrom?.SecretKeyRef?.Name);
            }
        }

        foreach (var pull in pod.Spec.ImagePullSecrets)
        {
            Secret(pull.Name);
        }

        return found;

        void Map(string? name) => Add(false, name);
        void Secret(string? name) => Add(true, name);
        void Add(bool secret, string? name)
        {
            if (!string.IsNullOrEmpty(name))
            {
                found.Add(new(secret, ns, name));
            }
        }
    }
}
