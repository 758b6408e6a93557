namespace Kobune.Kubelet.Stats;

/// <summary>What a node and its pods use, at one moment.</summary>
/// <param name="Time">When it was read.</param>
/// <param name="Node">The whole node.</param>
/// <param name="NanoCores">Its CPU use.</param>
/// <param name="StartTime">When the kubelet began to count.</param>
/// <param name="Network">Its interfaces.</param>
/// <param name="Disk">The file system of the kubelet's folder.</param>
/// <param name="ImageBytes">What images take on it; null when the runtime does not say.</param>
/// <param name="Pods">Its pods that have a container running.</param>
internal sealed record NodeStats(
    DateTimeOffset Time, CgroupUsage Node, ulong NanoCores, DateTimeOffset StartTime, IReadOnlyList<InterfaceUsage> Network, DiskUsage Disk, ulong? ImageBytes, IReadOnlyList<PodStats> Pods);

/// <summary>What one pod uses; its cgroup has the sandbox in it.</summary>
internal sealed record PodStats(
    string Name, string Namespace, string Uid, DateTimeOffset StartTime, string Cgroup, CgroupUsage Usage, ulong NanoCores, IReadOnlyList<InterfaceUsage> Network, IReadOnlyList<ContainerStats> Containers);

/// <summary>What one running container uses.</summary>
internal sealed record ContainerStats(
    string Name, string Id, string Image, string Cgroup, DateTimeOffset StartTime, CgroupUsage Usage, ulong NanoCores, ulong RootFsBytes, ulong RootFsInodes, ulong LogBytes);

/// <summary>A file system.</summary>
internal sealed record DiskUsage(ulong CapacityBytes, ulong AvailableBytes, ulong UsedBytes);
