using Kobune.Machine.Host;
using Kobune.Machine.State;

namespace Kobune.Machine.Tests.Host;

/// <summary>Resolver entries in folders that stand for a host.</summary>
public sealed class HostDnsTests : IDisposable
{
    private const string Before = "search home.lan\nnameserver 192.0.2.53\n";
    private readonly string _root = Directory.CreateTempSubdirectory("kobune-dns").FullName;
    private readonly Journal _journal;

    public HostDnsTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "etc"));
        _journal = new(Path.Combine(_root, "journal.jsonl"));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_plain_resolv_conf_gets_the_server_first_and_is_the_same_afterwards()
    {
        File.WriteAllText(At("etc/resolv.conf"), Before);
        var dns = new HostDns(_root, isMac: false);
        Assert.Equal(ResolverKind.ResolvConf, dns.Kind);
        await dns.InstallAsync(_journal, "0a1b2c3d", "test", "192.168.49.2", default);
        await dns.InstallAsync(_journal, "0a1b2c3d", "test", "192.168.50.2", default); // again, and elsewhere
        Assert.Equal("# kobune 0a1b2c3d\nnameserver 192.168.50.2\n" + Before, File.ReadAllText(At("etc/resolv.conf")));
        await HostDns.UndoAsync(Assert.Single(_journal.Read()), default);
        Assert.Equal(Before, File.ReadAllText(At("etc/resolv.conf")));
    }

    [Fact]
    public async Task Two_clusters_leave_each_others_lines_alone()
    {
        File.WriteAllText(At("etc/resolv.conf"), Before);
        var dns = new HostDns(_root, isMac: false);
        await dns.InstallAsync(_journal, "one", "test", "192.168.49.2", default);
        await dns.InstallAsync(_journal, "two", "test", "192.168.50.2", default);
        await HostDns.UndoAsync(_journal.Read()[0], default);
        Assert.Equal("# kobune two\nnameserver 192.168.50.2\n" + Before, File.ReadAllText(At("etc/resolv.conf")));
    }

    [Fact]
    public async Task Systemd_resolved_gets_a_file_with_a_route_for_the_domain()
    {
        Directory.CreateDirectory(At("run/systemd/resolve"));
        File.CreateSymbolicLink(At("etc/resolv.conf"), "../run/systemd/resolve/stub-resolv.conf");
        var dns = new HostDns(_root, isMac: false);
        Assert.Equal(ResolverKind.Resolved, dns.Kind);
        var file = await dns.InstallAsync(_journal, "0a1b2c3d", "test", "192.168.49.2", default);
        Assert.Equal("# kobune 0a1b2c3d\n[Resolve]\nDNS=192.168.49.2\nDomains=~test\n", File.ReadAllText(file));
        Assert.Equal(At("etc/systemd/resolved.conf.d/kobune-0a1b2c3d.conf"), file);
        await HostDns.UndoAsync(_journal.Read()[0], default);
        await HostDns.UndoAsync(_journal.Read()[0], default);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task A_mac_gets_a_file_named_after_the_domain_unless_it_is_somebody_elses()
    {
        var dns = new HostDns(_root, isMac: true);
        var file = await dns.InstallAsync(_journal, "0a1b2c3d", "test", "192.168.49.2", default);
        Assert.Equal((At("etc/resolver/test"), "# kobune 0a1b2c3d\nnameserver 192.168.49.2\nsearch_order 1\ntimeout 5\n"), (file, File.ReadAllText(file)));
        await HostDns.UndoAsync(_journal.Read()[0], default);
        Assert.False(File.Exists(file));
        File.WriteAllText(file, "nameserver 10.0.0.1\n");
        await Assert.ThrowsAsync<MachineException>(() => dns.InstallAsync(_journal, "0a1b2c3d", "test", "192.168.49.2", default));
        await HostDns.UndoAsync(_journal.Read()[0], default);
        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task Undoing_a_profile_takes_the_entry_also_after_a_reboot_but_a_stop_keeps_it()
    {
        File.WriteAllText(At("etc/resolv.conf"), Before);
        var home = new MachineHome(_root);
        Directory.CreateDirectory(home.Profile("p"));
        var journal = new Journal(home.Journal("p"));
        await new HostDns(_root, isMac: false).InstallAsync(journal, "0a1b2c3d", "test", "192.168.49.2", default);
        journal.Replace([.. journal.Read().Select(c => c with { BootId = "an earlier boot" })]);
        var undo = new HostUndo(home, TimeProvider.System);
        await undo.RunAsync("p", null, default, keep: c => c.Kind == HostChangeKind.Resolver);
        Assert.NotEqual(Before, File.ReadAllText(At("etc/resolv.conf")));
        await undo.RunAsync("p", null, default);
        Assert.Equal(Before, File.ReadAllText(At("etc/resolv.conf")));
        Assert.Empty(journal.Read());
    }

    private string At(string path) => Path.Combine(_root, path);
}
