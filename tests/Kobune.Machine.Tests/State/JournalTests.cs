using Kobune.Machine.Cgroups;
using Kobune.Machine.State;

namespace Kobune.Machine.Tests.State;

public sealed class JournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kobune-journal-").FullName;

    private string File => Path.Combine(_folder, "profiles", "demo", "journal.jsonl");

    [Fact]
    public void Changes_are_kept_in_order_and_only_once()
    {
        var journal = new Journal(File);
        journal.Record(HostChangeKind.Link, "", "kbr-1", "");
        journal.Record(HostChangeKind.Link, "demo", "kv1-1", "");
        journal.Record(HostChangeKind.Link, "", "kbr-1", "");
        Assert.Equal(["kbr-1", "kv1-1"], new Journal(File).Read().Select(c => c.Name));
    }

    [Fact]
    public void A_line_torn_by_a_crash_is_left_out()
    {
        var journal = new Journal(File);
        journal.Record(HostChangeKind.Link, "", "kbr-1", "");
        var whole = System.IO.File.ReadAllText(File);
        for (var length = 0; length < whole.Length - 1; length++)
        {
            System.IO.File.WriteAllText(File, whole + whole[..length]);
            Assert.Equal("kbr-1", Assert.Single(journal.Read().Distinct()).Name);
        }
    }

    /// <summary>A disk may be so full that no second file can be made; what stands on it must be undone all the same.</summary>
    [Fact]
    public void It_shrinks_also_where_no_other_file_can_be_made()
    {
        var journal = new Journal(File);
        journal.Record(HostChangeKind.Link, "", "kbr-1", "");
        journal.Record(HostChangeKind.Link, "demo", "kv1-1", "");
        Directory.CreateDirectory(File + ".new"); // stands in the way of the draft
        journal.Replace([journal.Read()[0]]);
        Assert.Equal(["kbr-1"], new Journal(File).Read().Select(c => c.Name));
    }

    [Fact]
    public void An_empty_journal_is_no_file()
    {
        var journal = new Journal(File);
        journal.Record(HostChangeKind.Link, "", "kbr-1", "");
        journal.Replace([]);
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void Cgroup_mounts_are_read_for_both_versions()
    {
        var hybrid = CgroupLayout.Parse(
        [
            "30 20 0:25 / /sys/fs/cgroup ro - tmpfs tmpfs rw,mode=755",
            "31 30 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct",
            "32 30 0:27 / /sys/fs/cgroup/systemd rw,relatime - cgroup systemd rw,xattr,name=systemd",
            "33 30 0:28 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
        ]);
        Assert.False(hybrid.IsUnified);
        Assert.Equal(["cpu,cpuacct", "name=systemd", ""], hybrid.Hierarchies.Select(h => h.Options));
        Assert.True(CgroupLayout.Parse(["30 20 0:25 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate"]).IsUnified);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
