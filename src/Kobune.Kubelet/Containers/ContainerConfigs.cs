using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Sandboxes;
using Kobune.Kubelet.Volumes;

namespace Kobune.Kubelet.Containers;

/// <summary>What a container is made from, beside its spec.</summary>
internal sealed record ContainerSetup(Pod Pod, Container Container, Cri.Image Image, MountedVolumes Volumes, EnvironmentSources Sources, int RestartCount)
{
    /// <summary>The container whose process namespace an ephemeral container joins.</summary>
    internal string TargetId { get; init; } = "";
}

/// <summary>A container as CRI's configuration (kuberuntime_container.go generateContainerConfig).</summary>
internal sealed class ContainerConfigs(KubeletOptions options, PodFolders folders, long machineMemory)
{
    /// <exception cref="ContainerConfigException">The container cannot be configured.</exception>
    internal async Task<Cri.ContainerConfig> BuildAsync(ContainerSetup setup, Action<string, IReadOnlyList<string>> skipped, CancellationToken ct)
    {
        var (pod, container) = (setup.Pod, setup.Container);
        var environment = await ContainerEnvironment.ComputeAsync(pod, container, setup.Sources, skipped, ct);
        var expand = Expansion.Of(environment);
        var user = setup.Image.Uid is { } uid ? (uid.Value, "") : ((long?)null, setup.Image.Username);
        var security = ContainerSecurity.Compute(pod, container, user, folders.Seccomp, options.SeccompDefault);
        if (setup.TargetId.Length > 0)
        {
            security.NamespaceOptions.Pid = Cri.NamespaceMode.Target;
            security.NamespaceOptions.TargetId = setup.TargetId;
        }

        var config = new Cri.ContainerConfig
        {
            Metadata = new() { Name = container.Name, Attempt = (uint)setup.RestartCount },
            Image = new() { Image = setup.Image.Id },
            WorkingDir = container.WorkingDir,
            LogPath = $"{container.Name}/{setup.RestartCount}.log",
            Stdin = container.Stdin,
            StdinOnce = container.StdinOnce,
            Tty = container.TTY,
            Linux = new() { Resources = ContainerResources.Of(pod, container, machineMemory, options.CpuQuota), SecurityContext = security },
        };
        config.Command.AddRange(container.Command.Select(c => Expansion.Expand(c, expand)));
        config.Args.AddRange(container.Args.Select(a => Expansion.Expand(a, expand)));
        config.Envs.AddRange(environment.Select(e => new Cri.KeyValue { Key = e.Key, Value = e.Value }));
        AddLabels(config, setup);
        AddMounts(config, setup, expand);
        return config;
    }

    private static void AddLabels(Cri.ContainerConfig config, ContainerSetup setup)
    {
        var (pod, container) = (setup.Pod, setup.Container);
        config.Labels[ContainerLabels.PodName] = pod.Metadata.Name;
        config.Labels[ContainerLabels.PodNamespace] = pod.Metadata.Namespace;
        config.Labels[ContainerLabels.PodUid] = pod.Metadata.Uid;
        config.Labels[ContainerLabels.ContainerName] = container.Name;
        config.Annotations[ContainerLabels.Hash] = PodContainers.Hash(container);
        config.Annotations[ContainerLabels.RestartCount] = setup.RestartCount.ToString(CultureInfo.InvariantCulture);
        config.Annotations[ContainerLabels.TerminationMessagePath] = container.TerminationMessagePath;
        config.Annotations[ContainerLabels.TerminationMessagePolicy] = container.TerminationMessagePolicy;
        if (pod.Spec.TerminationGracePeriodSeconds is { } grace)
        {
            config.Annotations[ContainerLabels.PodTerminationGracePeriod] = grace.ToString(CultureInfo.InvariantCulture);
        }
    }

    private void AddMounts(Cri.ContainerConfig config, ContainerSetup setup, Func<string, string?> expand)
    {
        var (pod, container) = (setup.Pod, setup.Container);
        foreach (var mount in container.VolumeMounts)
        {
            config.Mounts.Add(Mount(setup, mount, expand));
        }

        // A volume that is there, but is none of blocks, was refused before.
        foreach (var device in container.VolumeDevices.Where(d => setup.Volumes.ByName.ContainsKey(d.Name)))
        {
            var volume = setup.Volumes.ByName[device.Name];
            config.Devices.Add(new Cri.Device { ContainerPath = device.DevicePath, HostPath = volume.Path, Permissions = volume.ReadOnly ? "mr" : "mrw" });
        }

        if (container.VolumeMounts.All(m => m.MountPath.TrimEnd('/') != "/etc/hosts"))
        {
            config.Mounts.Add(new Cri.Mount { ContainerPath = "/etc/hosts", HostPath = WriteHosts(setup), Readonly = container.SecurityContext?.ReadOnlyRootFilesystem == true });
        }

        if (container.TerminationMessagePath.Length > 0)
        {
            config.Mounts.Add(new Cri.Mount { ContainerPath = container.TerminationMessagePath, HostPath = TerminationLog(pod, container) });
        }
    }

    private static Cri.Mount Mount(ContainerSetup setup, VolumeMount mount, Func<string, string?> expand)
    {
        if (!setup.Volumes.ByName.TryGetValue(mount.Name, out var volume))
        {
            throw new ContainerConfigException($"cannot find volume \"{mount.Name}\" to mount into container \"{setup.Container.Name}\"");
        }

        if (mount.RecursiveReadOnly == "Enabled")
        {
            // CRI of the containerd that is driven here has no such mount; "IfPossible" is not possible then. Source: kubelet, resolveRecursiveReadOnly.
            throw new ContainerConfigException($"failed to resolve recursive read-only mode: volume \"{mount.Name}\" requested recursive read-only mode, but it is not supported by the runtime");
        }

        var path = volume.Path;
        var subPath = mount.SubPathExpr.Length > 0 ? Expansion.Expand(mount.SubPathExpr, expand) : mount.SubPath;
        if (subPath.Length > 0)
        {
            try
            {
                path = SubPath.Resolve(path, subPath, volume.ReadOnly);
            }
            catch (Exception e) when (e is VolumeException or IOException)
            {
                throw new ContainerConfigException($"failed to prepare subPath for volumeMount \"{mount.Name}\" of container \"{setup.Container.Name}\"");
            }
        }

        return new()
        {
            ContainerPath = mount.MountPath.StartsWith('/') ? mount.MountPath : "/" + mount.MountPath,
            HostPath = path,
            Readonly = mount.ReadOnly || volume.ReadOnly,
            Propagation = mount.MountPropagation switch
            {
                "HostToContainer" => Cri.MountPropagation.PropagationHostToContainer,
                "Bidirectional" => Cri.MountPropagation.PropagationBidirectional,
                _ => Cri.MountPropagation.PropagationPrivate,
            },
        };
    }

    private string WriteHosts(ContainerSetup setup)
    {
        var pod = setup.Pod;
        var path = folders.Hosts(pod.Metadata.Uid);
        var (hostname, domain) = PodHostname.Compute(pod, options.ClusterDomain);
        var text = pod.Spec.HostNetwork
            ? HostsFile.ForHostNetwork(pod, File.Exists("/etc/hosts") ? File.ReadAllText("/etc/hosts") : "")
            : HostsFile.ForPod(pod, setup.Sources.PodIPs, hostname, domain);

        // Running containers have this very file mounted: it is written in place.
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);
        return path;
    }

    private string TerminationLog(Pod pod, Container container)
    {
        var folder = folders.Container(pod.Metadata.Uid, container.Name);
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, Random.Shared.Next().ToString("x8", CultureInfo.InvariantCulture));
        File.WriteAllText(path, "");
        File.SetUnixFileMode(path, (UnixFileMode)0b110_110_110); // whatever user the container runs as
        return path;
    }
}
