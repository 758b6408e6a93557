using Kobune.Machine.Host;
using Kobune.Machine.State;

namespace Kobune.Machine.Tests.State;

public class InheritedSettingsTests
{
    private const string IPv4 = "/proc/sys/net/ipv4/ip_forward";
    private const string IPv6 = "/proc/sys/net/ipv6/conf/all/forwarding";

    [Fact]
    public void A_bridge_inherits_every_setting_that_another_one_left_and_the_oldest_value_of_each()
    {
        var one = HostUndo.Inherit(null, IPv4, "0");
        Assert.Equal([(IPv4, "0")], HostUndo.Inherited(one));
        var two = HostUndo.Inherit(one, IPv6, "0");
        Assert.Equal([(IPv4, "0"), (IPv6, "0")], HostUndo.Inherited(two));
        Assert.Equal(two, HostUndo.Inherit(two, IPv4, "1"));
        Assert.InRange(two.Length, 1, 255); // what an alias holds
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_bridge_that_goes_at_this_moment_inherits_nothing(bool hasOther)
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        var (setting, heir) = (Path.Combine(folder, "ip_forward"), Directory.CreateDirectory(Path.Combine(folder, hasOther ? "kbr-heir" : "eth0")).FullName);
        await File.WriteAllTextAsync(setting, "1", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(heir, "ifalias"), "", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(Path.Combine(folder, "kbr-gone"), "/nowhere"); // as the kernel shows a link until the look into it
        var home = new MachineHome(Path.Combine(folder, "home"));
        Directory.CreateDirectory(home.Profile("p"));
        new Journal(home.Journal("p")).Record(HostChangeKind.Sysctl, "", setting, "0");
        await new HostUndo(home, TimeProvider.System, folder).RunAsync("p", null, TestContext.Current.CancellationToken);
        Assert.Equal(hasOther ? "1" : "0", await File.ReadAllTextAsync(setting, TestContext.Current.CancellationToken));
        Assert.Equal(hasOther ? [(setting, "0")] : [], HostUndo.Inherited(await File.ReadAllTextAsync(Path.Combine(heir, "ifalias"), TestContext.Current.CancellationToken)));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("eth0 of the office")]
    [InlineData("kobune restores ")]
    public void Another_alias_inherits_nothing(string? alias) => Assert.Empty(HostUndo.Inherited(alias));

    [Theory]
    [InlineData("", "")]
    [InlineData("default via fe80::1 dev eth0 proto ra metric 100 expires 1700sec\ndefault via fe80::2 dev wlan0 proto ra\ndefault via fe80::3 dev eth0 proto ra\n", "eth0 wlan0")]
    [InlineData("default dev", "")]
    public void Links_that_hear_of_routers_are_read_from_the_routes(string routes, string expected) => Assert.Equal(expected, string.Join(' ', HostNetwork.LinksOf(routes)));
}
