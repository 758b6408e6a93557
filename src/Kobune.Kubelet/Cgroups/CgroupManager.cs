using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Cgroups;

/// <summary>The hierarchy /kubepods with the cgroupfs driver, on cgroup v1 (also hybrid) and v2 (kubelet/cm).</summary>
internal sealed class CgroupManager
{
    private static readonly string[] Controllers = ["cpu", "cpuacct", "cpuset", "memory", "pids", "blkio", "devices", "freezer", "hugetlb", "net_cls", "perf_event"];
    private readonly string _root;
    private readonly string _parent;
    private readonly bool _unified;
    private readonly IReadOnlyList<string> _hierarchies;

    /// <summary>Whether CPU limits are held by quotas.</summary>
    internal bool WritesCpuQuota { get; init; } = true;

    internal CgroupManager(string root, string parent)
    {
        _parent = parent;
        _root = root;
        _unified = File.Exists(Path.Combine(root, "cgroup.controllers"));
        _hierarchies = _unified ? [root] : [.. Controllers.Select(c => Path.Combine(root, c)).Where(p => File.Exists(Path.Combine(p, "cgroup.procs")))];
    }

    /// <summary>Makes kubepods and the folders of the two lower classes of service.</summary>
    internal void EnsureRoots()
    {
        Make(_parent + PodCgroup.Root);
        Make(_parent + PodCgroup.Root + "/burstable");
        Make(_parent + PodCgroup.Root + "/besteffort");
        Write(_parent + PodCgroup.Root + "/besteffort", "cpu", "cpu.shares", "cpu.weight", ContainerResources.MinShares, ContainerResources.Weight(ContainerResources.MinShares));
    }

    /// <summary>Makes the cgroup of a pod with the sum of its requests and, where every container has one, of its limits.</summary>
    internal void Ensure(Pod pod)
    {
        Make(PodCgroup.Path(pod, _parent));
        WriteCpu(pod);
        WriteMemory(pod);
    }

    internal void WriteCpu(Pod pod)
    {
        var path = PodCgroup.Path(pod, _parent);
        var shares = ContainerResources.Shares(PodQuality.Requests(pod).GetValueOrDefault("cpu"));
        Write(path, "cpu", "cpu.shares", "cpu.weight", shares, ContainerResources.Weight(shares));
        if (WritesCpuQuota && PodCgroup.CpuLimit(pod) is var limit and < long.MaxValue)
        {
            var quota = ContainerResources.Quota(limit);
            if (_unified)
            {
                WriteFile(path, "cpu", "cpu.max", $"{quota} {ContainerResources.QuotaPeriod}");
            }
            else
            {
                WriteFile(path, "cpu", "cpu.cfs_period_us", ContainerResources.QuotaPeriod.ToString(CultureInfo.InvariantCulture));
                WriteFile(path, "cpu", "cpu.cfs_quota_us", quota.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    internal void WriteMemory(Pod pod)
    {
        if (PodCgroup.MemoryLimit(pod) is var bytes and < long.MaxValue)
        {
            Write(PodCgroup.Path(pod, _parent), "memory", "memory.limit_in_bytes", "memory.max", bytes, bytes);
        }
    }

    /// <summary>Bytes of memory that a container of the pod uses, or all of it for null; null when it cannot be told.</summary>
    internal long? MemoryUsage(Pod pod, string? containerId)
    {
        var path = (_unified ? _root : Path.Combine(_root, "memory")) + PodCgroup.Path(pod, _parent) + (containerId is null ? "" : "/" + containerId);
        var file = Path.Combine(path, _unified ? "memory.current" : "memory.usage_in_bytes");
        return File.Exists(file) && long.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : null;
    }

    /// <summary>Removes the cgroup of a pod; what is still in use stays for the next time.</summary>
    internal void Remove(Pod pod)
    {
        foreach (var hierarchy in _hierarchies)
        {
            var path = hierarchy + PodCgroup.Path(pod, _parent);
            if (!Directory.Exists(path))
            {
                continue;
            }

            foreach (var child in Directory.EnumerateDirectories(path, "*", SearchOption.AllDirectories).Reverse().Append(path))
            {
                TryRemove(child);
            }
        }
    }

    private void Make(string path)
    {
        foreach (var hierarchy in _hierarchies)
        {
            var at = hierarchy;
            foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                var parent = at;
                at = Path.Combine(at, part);
                if (!Directory.Exists(at))
                {
                    if (_unified)
                    {
                        Delegate(parent);
                    }

                    Directory.CreateDirectory(at);
                    if (hierarchy.EndsWith("/cpuset", StringComparison.Ordinal))
                    {
                        Inherit(parent, at); // a cpuset without CPUs takes no process
                    }
                }
            }
        }
    }

    /// <summary>On v2 a child has the controllers that its parent hands down.</summary>
    private static void Delegate(string parent)
    {
        foreach (var controller in File.ReadAllText(Path.Combine(parent, "cgroup.controllers")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                File.WriteAllText(Path.Combine(parent, "cgroup.subtree_control"), "+" + controller.Trim());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The controller is not to be had here; limits that need it are not enforced.
            }
        }
    }

    private static void Inherit(string parent, string child)
    {
        foreach (var name in (string[])["cpuset.cpus", "cpuset.mems"])
        {
            File.WriteAllText(Path.Combine(child, name), File.ReadAllText(Path.Combine(parent, name)));
        }
    }

    private void Write(string path, string controller, string v1, string v2, long value1, long value2) =>
        WriteFile(path, controller, _unified ? v2 : v1, (_unified ? value2 : value1).ToString(CultureInfo.InvariantCulture));

    private void WriteFile(string path, string controller, string file, string value)
    {
        var full = (_unified ? _root : Path.Combine(_root, controller)) + path + "/" + file;
        if (File.Exists(full))
        {
            File.WriteAllText(full, value);
        }
    }

    private static void TryRemove(string path)
    {
        try
        {
            Directory.Delete(path); // rmdir: the files in it are the kernel's
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Busy: a process is still ending.
        }
    }
}
