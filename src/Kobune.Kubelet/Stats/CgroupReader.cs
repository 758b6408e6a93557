using System.Globalization;

namespace Kobune.Kubelet.Stats;

/// <summary>Reads what cgroups use, on cgroup v1 (also hybrid, where the controllers are v1's) and v2. Sources: the kernel's cgroup-v1 and cgroup-v2 documents.</summary>
/// <param name="root">Where the cgroup file systems are mounted.</param>
internal sealed class CgroupReader(string root)
{
    private const ulong NanosecondsPerTick = 10_000_000; // USER_HZ is 100 on every architecture that there is
    private const ulong NanosecondsPerMicrosecond = 1000;
    private const ulong NoLimit = 1UL << 62; // v1 says the largest multiple of a page

    private readonly bool _unified = File.Exists(Path.Combine(root, "cgroup.controllers"));

    /// <summary>The use of a cgroup ("/kubepods/pod1"; "" for the root); null when it does not exist, or has no counters (the real root of v2).</summary>
    public CgroupUsage? Read(string path)
    {
        try
        {
            return _unified ? ReadUnified(root + path) : ReadV1(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null; // it went while it was read
        }
    }

    /// <summary>The first process of a cgroup or of one below it; null for none.</summary>
    public int? FirstProcess(string path)
    {
        var folder = _unified ? root + path : Path.Combine(root, "memory") + path;
        try
        {
            return Directory.Exists(folder)
                ? Directory.EnumerateFiles(folder, "cgroup.procs", SearchOption.AllDirectories).SelectMany(File.ReadLines).Select(l => (int?)int.Parse(l, CultureInfo.InvariantCulture)).FirstOrDefault(p => p > 0)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private CgroupUsage? ReadV1(string path)
    {
        var (cpu, memory) = (Path.Combine(root, "cpuacct") + path, Path.Combine(root, "memory") + path);
        if (!File.Exists(cpu + "/cpuacct.usage") || !File.Exists(memory + "/memory.usage_in_bytes"))
        {
            return null;
        }

        var times = Table(cpu + "/cpuacct.stat");
        var throttling = Table(Path.Combine(root, "cpu") + path + "/cpu.stat");
        var stat = Table(memory + "/memory.stat");
        var limit = Number(memory + "/memory.limit_in_bytes");
        return new()
        {
            CpuNanoseconds = Number(cpu + "/cpuacct.usage") ?? 0,
            UserNanoseconds = times.GetValueOrDefault("user") * NanosecondsPerTick,
            SystemNanoseconds = times.GetValueOrDefault("system") * NanosecondsPerTick,
            Periods = throttling.GetValueOrDefault("nr_periods"),
            ThrottledPeriods = throttling.GetValueOrDefault("nr_throttled"),
            ThrottledNanoseconds = throttling.GetValueOrDefault("throttled_time"),
            MemoryBytes = Number(memory + "/memory.usage_in_bytes") ?? 0,
            InactiveFileBytes = stat.GetValueOrDefault("total_inactive_file"),
            RssBytes = stat.GetValueOrDefault("total_rss"),
            CacheBytes = stat.GetValueOrDefault("total_cache"),
            MappedFileBytes = stat.GetValueOrDefault("total_mapped_file"),
            SwapBytes = stat.GetValueOrDefault("total_swap"),
            PageFaults = stat.GetValueOrDefault("total_pgfault"),
            MajorPageFaults = stat.GetValueOrDefault("total_pgmajfault"),
            MemoryLimit = limit < NoLimit ? limit : null,
            Tasks = Number(Path.Combine(root, "pids") + path + "/pids.current") ?? 0,
        };
    }

    private static CgroupUsage? ReadUnified(string folder)
    {
        if (Number(folder + "/memory.current") is not { } memory)
        {
            return null;
        }

        var cpu = Table(folder + "/cpu.stat");
        var stat = Table(folder + "/memory.stat");
        return new()
        {
            CpuNanoseconds = cpu.GetValueOrDefault("usage_usec") * NanosecondsPerMicrosecond,
            UserNanoseconds = cpu.GetValueOrDefault("user_usec") * NanosecondsPerMicrosecond,
            SystemNanoseconds = cpu.GetValueOrDefault("system_usec") * NanosecondsPerMicrosecond,
            Periods = cpu.GetValueOrDefault("nr_periods"),
            ThrottledPeriods = cpu.GetValueOrDefault("nr_throttled"),
            ThrottledNanoseconds = cpu.GetValueOrDefault("throttled_usec") * NanosecondsPerMicrosecond,
            MemoryBytes = memory,
            InactiveFileBytes = stat.GetValueOrDefault("inactive_file"),
            RssBytes = stat.GetValueOrDefault("anon"),
            CacheBytes = stat.GetValueOrDefault("file"),
            MappedFileBytes = stat.GetValueOrDefault("file_mapped"),
            SwapBytes = Number(folder + "/memory.swap.current") ?? 0,
            PageFaults = stat.GetValueOrDefault("pgfault"),
            MajorPageFaults = stat.GetValueOrDefault("pgmajfault"),
            MemoryLimit = Number(folder + "/memory.max"),
            Tasks = Number(folder + "/pids.current") ?? 0,
        };
    }

    /// <summary>Null when the file is not there or has a word ("max").</summary>
    private static ulong? Number(string file) =>
        File.Exists(file) && ulong.TryParse(File.ReadAllText(file).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Lines of "name number".</summary>
    private static Dictionary<string, ulong> Table(string file)
    {
        var table = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (var line in File.Exists(file) ? File.ReadLines(file) : [])
        {
            if (line.Split(' ') is [var name, var text] && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                table[name] = number;
            }
        }

        return table;
    }
}
