using Kobune.Machine.Host;
using Kobune.Machine.State;

namespace Kobune.Machine.Tests.Native;

/// <summary>Row E4's last words: whatever happened to a cluster, deleting it leaves nothing on the host. Needs root.</summary>
public sealed class NothingIsLeftTests
{
    [Fact]
    public async Task Delete_leaves_nothing_of_a_running_cluster()
    {
        await using var machines = new TestMachines();
        var (first, second) = (await machines.StartAsync(0), await machines.StartAsync(1));
        Assert.NotEmpty(await FootprintAsync(machines));
        await machines.Driver.DeleteAsync(machines.Profile, [first.Name, second.Name], TestContext.Current.CancellationToken);
        Assert.Empty(await FootprintAsync(machines));
        Assert.Empty(Directory.EnumerateFileSystemEntries(machines.Home.Machines));
    }

    [Fact]
    public async Task The_first_process_of_a_machine_leaves_no_pipes_of_its_runtime_in_the_folder_for_temporary_files()
    {
        var probe = Path.GetTempFileName(); // its time is by the clock of the files
        var before = File.GetLastWriteTimeUtc(probe);
        File.Delete(probe);
        await using var machines = new TestMachines();
        await machines.StartAsync(0);
        string[] patterns = ["clr-debug-pipe-1-*", "dotnet-diagnostic-1-*"]; // made by process number 1
        Assert.DoesNotContain(patterns.SelectMany(p => Directory.EnumerateFileSystemEntries(Path.GetTempPath(), p)), f => File.GetLastWriteTimeUtc(f) >= before);
    }

    [Fact]
    public async Task Stop_leaves_only_the_disks()
    {
        await using var machines = new TestMachines();
        var machine = await machines.StartAsync(0);
        await machines.Driver.StopAsync(machines.Profile, [machine.Name], TestContext.Current.CancellationToken);
        Assert.Empty(await FootprintAsync(machines));
        Assert.True(Directory.Exists(machine.Disk("/var/lib/kobune")));
        Assert.False(File.Exists(machines.Home.Journal(machines.Profile)));
    }

    [Fact]
    public async Task Delete_cleans_up_after_a_crash_that_forgot_everything_but_the_journal()
    {
        await using var machines = new TestMachines();
        var machine = await machines.StartAsync(0);
        File.Delete(Path.Combine(machine.Folder, "init.json"));
        File.Delete(Path.Combine(machine.Folder, "machine.json"));
        await Programs.RunAsync("ip", ["link", "delete", machines.Names.Bridge], TestContext.Current.CancellationToken);
        await machines.Driver.DeleteAsync(machines.Profile, [machine.Name], TestContext.Current.CancellationToken);
        Assert.Empty(await FootprintAsync(machines));
    }

    [Fact]
    public async Task A_killed_machine_starts_again_with_its_disk()
    {
        await using var machines = new TestMachines();
        var machine = await machines.StartAsync(0);
        await machines.RunInAsync(machine, "touch /data/kept");
        await Programs.RunAsync("kill", ["-9", machines.Driver.CommandIn(machine.Name, ["true"]).ArgumentList[1]], TestContext.Current.CancellationToken);
        await machines.StartAsync(0);
        await machines.RunInAsync(machine, "test -e /data/kept");
    }

    [Fact]
    public async Task After_a_reboot_the_journal_is_void_and_start_begins_anew()
    {
        await using var machines = new TestMachines();
        var machine = await machines.StartAsync(0);
        await machines.Driver.StopAsync(machines.Profile, [machine.Name], TestContext.Current.CancellationToken);
        // What a power loss leaves: entries of another boot, whose numbers and names may belong to others by now.
        new Journal(machines.Home.Journal(machines.Profile)).Replace(
        [
            new(HostChangeKind.Process, machine.Name, Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), "1", "another boot"),
            new(HostChangeKind.Link, "", "lo", "", "another boot"),
            new(HostChangeKind.Sysctl, "", "/proc/sys/net/ipv4/ip_forward", "0", "another boot"),
        ]);
        await machines.StartAsync(0);
        Assert.True(HostNetwork.LinkExists("lo"));
        Assert.Equal("1", (await File.ReadAllTextAsync("/proc/sys/net/ipv4/ip_forward", TestContext.Current.CancellationToken)).Trim());
    }

    [Fact]
    public async Task A_start_that_fails_takes_back_what_it_did()
    {
        await using var machines = new TestMachines();
        await machines.StartAsync(0);
        var broken = machines.SpecOf(1) with { Program = "/nowhere/kobune" };
        var failure = await Assert.ThrowsAsync<MachineException>(() => machines.Driver.StartAsync(broken, Task.CompletedTask, TestContext.Current.CancellationToken));
        Assert.NotEqual("", failure.Message);
        Assert.Equal(MachineState.Stopped, machines.Driver.StateOf(broken.Name));
        Assert.False(HostNetwork.LinkExists(machines.Names.Link(1)));
        Assert.DoesNotContain(Cgroups(machines), c => c.EndsWith(machines.Names.Cgroup(1), StringComparison.Ordinal));
        await machines.Driver.DeleteAsync(machines.Profile, [broken.Name], TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_start_whose_disk_cannot_be_written_takes_back_what_it_did()
    {
        await using var machines = new TestMachines();
        await machines.StartAsync(0);
        var spec = machines.SpecOf(1);
        var disk = new TaskCompletionSource();
        var start = machines.Driver.StartAsync(spec, disk.Task, TestContext.Current.CancellationToken);
        disk.SetException(new IOException("no space left on device"));
        Assert.Equal("no space left on device", (await Assert.ThrowsAsync<IOException>(() => start)).Message);
        Assert.Equal(MachineState.Stopped, machines.Driver.StateOf(spec.Name));
        Assert.False(HostNetwork.LinkExists(machines.Names.Link(1)));
        Assert.DoesNotContain(Cgroups(machines), c => c.EndsWith(machines.Names.Cgroup(1), StringComparison.Ordinal));
        await machines.Driver.DeleteAsync(machines.Profile, [spec.Name], TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_subnet_in_use_is_refused()
    {
        await using var machines = new TestMachines();
        await machines.StartAsync(0);
        await using var others = new TestMachines();
        var failure = await Assert.ThrowsAsync<MachineException>(() => others.Driver.ChooseSubnetAsync(others.Profile, machines.Subnet, TestContext.Current.CancellationToken));
        Assert.Equal(MachineFault.Network, failure.Fault);
    }

    // Everything on the host that carries the names of this profile.
    private static async Task<IReadOnlyList<string>> FootprintAsync(TestMachines machines)
    {
        var ct = TestContext.Current.CancellationToken;
        var id = machines.Names.Id;
        var text = await Programs.RunAsync("ip", ["-o", "link"], ct) + await Programs.RunAsync("ip", ["route", "show", "table", "all"], ct) + await Programs.RunAsync("nft", ["list", "tables"], ct)
            + await File.ReadAllTextAsync("/proc/self/mountinfo", ct);
        return [.. text.Split('\n').Where(l => l.Contains(id, StringComparison.Ordinal) || l.Contains(machines.Home.Root, StringComparison.Ordinal)), .. Cgroups(machines), .. ProcessesOf(machines)];
    }

    private static IEnumerable<string> Cgroups(TestMachines machines) =>
        Directory.EnumerateDirectories("/sys/fs/cgroup", "kobune", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .SelectMany(Directory.EnumerateDirectories)
            .Where(d => Path.GetFileName(d).StartsWith(machines.Names.Id, StringComparison.Ordinal));

    // First processes of machines whose disk is in this home.
    private static List<string> ProcessesOf(TestMachines machines)
    {
        var found = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (File.ReadAllText(folder + "/comm").Trim() == "catatonit" && File.ReadAllText(folder + "/mountinfo").Contains(machines.Home.Root, StringComparison.Ordinal))
                {
                    found.Add(Path.GetFileName(folder));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not a process, or one that has just ended.
            }
        }

        return found;
    }
}
