using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Containers;

/// <summary>Questions about the containers of a pod's spec.</summary>
internal static class PodContainers
{
    /// <summary>Init containers, containers and ephemeral containers.</summary>
    internal static IEnumerable<Container> All(Pod pod) => pod.Spec.InitContainers.Concat(pod.Spec.Containers).Concat(pod.Spec.EphemeralContainers.Select(AsContainer));

    internal static Container? Find(Pod pod, string name) => All(pod).FirstOrDefault(c => c.Name == name);

    /// <summary>A sidecar: an init container that keeps running.</summary>
    internal static bool IsSidecar(Container container) => container.RestartPolicy == "Always";

    internal static bool IsInit(Pod pod, Container container) => pod.Spec.InitContainers.Any(c => c.Name == container.Name);

    internal static bool IsPrivileged(Pod pod) => All(pod).Any(c => c.SecurityContext?.Privileged == true);

    /// <summary>An ephemeral container as a container: the fields that it has.</summary>
    internal static Container AsContainer(EphemeralContainer c) => new()
    {
        Name = c.Name,
        Image = c.Image,
        Command = c.Command,
        Args = c.Args,
        WorkingDir = c.WorkingDir,
        EnvFrom = c.EnvFrom,
        Env = c.Env,
        VolumeMounts = c.VolumeMounts,
        VolumeDevices = c.VolumeDevices,
        TerminationMessagePath = c.TerminationMessagePath,
        TerminationMessagePolicy = c.TerminationMessagePolicy,
        ImagePullPolicy = c.ImagePullPolicy,
        SecurityContext = c.SecurityContext,
        Stdin = c.Stdin,
        StdinOnce = c.StdinOnce,
        TTY = c.TTY,
    };

    /// <summary>The hash of what cannot change without a restart: name and image (since 1.31).</summary>
    internal static string Hash(Container container)
    {
        var hash = 2166136261u;
        foreach (var b in System.Text.Encoding.UTF8.GetBytes($"{{\"image\":\"{container.Image}\",\"name\":\"{container.Name}\"}}"))
        {
            hash = (hash ^ b) * 16777619u;
        }

        return hash.ToString("x", System.Globalization.CultureInfo.InvariantCulture);
    }
}
