namespace Kobune.Kubelet.Volumes;

/// <summary>Upstream's layout below /var/lib/kubelet and /var/log.</summary>
/// <param name="Root">Usually /var/lib/kubelet.</param>
/// <param name="Logs">Usually /var/log/pods.</param>
/// <param name="ContainerLogs">Usually /var/log/containers.</param>
internal sealed record PodFolders(string Root, string Logs, string ContainerLogs)
{
    internal string Pods => Path.Combine(Root, "pods");

    internal string Seccomp => Path.Combine(Root, "seccomp");

    internal string Pod(string uid) => Path.Combine(Root, "pods", uid);

    internal string Hosts(string uid) => Path.Combine(Pod(uid), "etc-hosts");

    internal string Container(string uid, string name) => Path.Combine(Pod(uid), "containers", name);

    /// <param name="plugin">"kubernetes.io~configmap" and the like.</param>
    internal string Volume(string uid, string plugin, string name) => Path.Combine(Pod(uid), "volumes", plugin, name);

    /// <summary>Where the volumes of all pods with a name lie, of any plugin.</summary>
    internal IEnumerable<(string Uid, string Folder)> AllOf(string name) => !Directory.Exists(Pods) ? [] : Directory.EnumerateDirectories(Pods)
        .Select(pod => (Uid: Path.GetFileName(pod), Volumes: new[] { Path.Combine(pod, "volumes"), VolumeDevices(Path.GetFileName(pod)) }))
        .SelectMany(pod => pod.Volumes.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).Select(plugin => (pod.Uid, Path.Combine(plugin, name))))
        .Where(v => Path.Exists(v.Item2));

    internal string VolumeDevices(string uid) => Path.Combine(Pod(uid), "volumeDevices");

    /// <summary>Where upstream keeps a volume's devices for all pods; named in messages.</summary>
    internal string GlobalDevices(string plugin, string name) => Path.Combine(Root, "plugins", plugin, "volumeDevices", name);

    internal string PodLogs(string ns, string name, string uid) => Path.Combine(Logs, $"{ns}_{name}_{uid}");

    internal string LogLink(string pod, string ns, string container, string id) => Path.Combine(ContainerLogs, $"{pod}_{ns}_{container}-{id}.log");
}
