using Kobune.Kubelet.Stats;

namespace Kobune.Kubelet.Tests.Stats;

public sealed class CgroupReaderTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("kobune-cgroups-");

    [Fact]
    public void Version_1_has_a_hierarchy_for_each_controller()
    {
        Write("cpuacct/kubepods/pod1/cpuacct.usage", "2500000000\n");
        Write("cpuacct/kubepods/pod1/cpuacct.stat", "user 150\nsystem 50\n");
        Write("cpu/kubepods/pod1/cpu.stat", "nr_periods 10\nnr_throttled 4\nthrottled_time 700\n");
        Write("memory/kubepods/pod1/memory.usage_in_bytes", "10485760\n");
        Write("memory/kubepods/pod1/memory.limit_in_bytes", "33554432\n");
        Write("memory/kubepods/pod1/memory.stat", "cache 1\ntotal_cache 4194304\ntotal_rss 5242880\ntotal_inactive_file 1048576\ntotal_pgfault 9\ntotal_pgmajfault 2\ntotal_mapped_file 7\n");
        Write("pids/kubepods/pod1/pids.current", "3\n");
        Assert.Equal(
            new CgroupUsage
            {
                CpuNanoseconds = 2_500_000_000,
                UserNanoseconds = 1_500_000_000,
                SystemNanoseconds = 500_000_000,
                Periods = 10,
                ThrottledPeriods = 4,
                ThrottledNanoseconds = 700,
                MemoryBytes = 10485760,
                InactiveFileBytes = 1048576,
                RssBytes = 5242880,
                CacheBytes = 4194304,
                MappedFileBytes = 7,
                PageFaults = 9,
                MajorPageFaults = 2,
                MemoryLimit = 33554432,
                Tasks = 3,
            },
            new CgroupReader(_root.FullName).Read("/kubepods/pod1"));
    }

    [Fact]
    public void Version_2_has_one_hierarchy_and_counts_microseconds()
    {
        Write("cgroup.controllers", "cpu memory pids\n");
        Write("kubepods/pod1/cpu.stat", "usage_usec 2500000\nuser_usec 1500000\nsystem_usec 1000000\nnr_periods 10\nnr_throttled 4\nthrottled_usec 7\n");
        Write("kubepods/pod1/memory.current", "10485760\n");
        Write("kubepods/pod1/memory.max", "max\n");
        Write("kubepods/pod1/memory.stat", "anon 5242880\nfile 4194304\nfile_mapped 7\ninactive_file 1048576\npgfault 9\npgmajfault 2\n");
        Write("kubepods/pod1/memory.swap.current", "11\n");
        Write("kubepods/pod1/pids.current", "3\n");
        var usage = new CgroupReader(_root.FullName).Read("/kubepods/pod1")!;
        Assert.Equal(
            new CgroupUsage
            {
                CpuNanoseconds = 2_500_000_000,
                UserNanoseconds = 1_500_000_000,
                SystemNanoseconds = 1_000_000_000,
                Periods = 10,
                ThrottledPeriods = 4,
                ThrottledNanoseconds = 7000,
                MemoryBytes = 10485760,
                InactiveFileBytes = 1048576,
                RssBytes = 5242880,
                CacheBytes = 4194304,
                MappedFileBytes = 7,
                SwapBytes = 11,
                PageFaults = 9,
                MajorPageFaults = 2,
                Tasks = 3,
            },
            usage);
        Assert.Equal(9437184UL, usage.WorkingSetBytes);
    }

    [Fact]
    public void Version_1_says_no_limit_with_a_huge_number()
    {
        Write("cpuacct/a/cpuacct.usage", "1\n");
        Write("memory/a/memory.usage_in_bytes", "1\n");
        Write("memory/a/memory.limit_in_bytes", "9223372036854771712\n");
        Assert.Null(new CgroupReader(_root.FullName).Read("/a")!.MemoryLimit);
    }

    [Fact]
    public void What_is_gone_has_no_use_and_no_process()
    {
        Write("cgroup.controllers", "cpu memory\n");
        var reader = new CgroupReader(_root.FullName);
        Assert.Null(reader.Read("/gone"));
        Assert.Null(reader.Read("")); // the real root of version 2 has no memory.current
        Assert.Null(reader.FirstProcess("/gone"));
        Write("pod/sandbox/cgroup.procs", "41\n42\n");
        Assert.Equal(41, reader.FirstProcess("/pod"));
    }

    public void Dispose() => _root.Delete(recursive: true);

    private void Write(string file, string text)
    {
        var path = Path.Combine(_root.FullName, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
