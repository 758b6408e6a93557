using System.Net;
using Kobune.Machine.State;

namespace Kobune.Machine.Host;

/// <summary>The host's side of a profile's network: bridge, links to the machines, forwarding, NAT to the outside. Each change is recorded first.</summary>
/// <param name="names">What things are called.</param>
/// <param name="journal">Where changes are recorded.</param>
public sealed class HostNetwork(HostNames names, Journal journal)
{
    private const string ForwardSysctl = "/proc/sys/net/ipv4/ip_forward";
    private const string IPv6Settings = "/proc/sys/net/ipv6/conf/";

    /// <summary>Chooses the network: the one asked for if it is free, else the first free default.</summary>
    /// <exception cref="MachineException">It is taken, or none is free.</exception>
    public async Task<IPNetwork> ChooseAsync(IPNetwork? wanted, CancellationToken ct)
    {
        var used = await OthersAsync("-4", ct);
        if (wanted is { } network)
        {
            RequireFree(network, used);
            return network;
        }

        return Subnets.Choose(used) ?? throw new MachineException(MachineFault.Network, "none of the 20 default subnets is free");
    }

    /// <summary>Checks that this host has IPv6, and this network of it to spare.</summary>
    /// <exception cref="MachineException">It has not.</exception>
    public async Task CheckV6Async(IPNetwork network, CancellationToken ct)
    {
        if (!File.Exists(IPv6Settings + "all/disable_ipv6") || File.ReadAllText(IPv6Settings + "all/disable_ipv6").Trim() != "0")
        {
            throw new MachineException(MachineFault.Network, "IPv6 is off on this host: net.ipv6.conf.all.disable_ipv6 is not 0");
        }

        RequireFree(network, await OthersAsync("-6", ct));
    }

    /// <summary>Makes the bridge with the host's addresses, and what lets its machines out. Does nothing where it stands already.</summary>
    /// <param name="network">The bridge's network.</param>
    /// <param name="second">Its IPv6 network; null for none.</param>
    /// <param name="ct">Ends the programs that are run.</param>
    public async Task EnsureAsync(IPNetwork network, IPNetwork? second, CancellationToken ct)
    {
        await BridgeFilter.EnsureAsync(ct);
        journal.Record(HostChangeKind.Link, "", names.Bridge, "");
        if (!LinkExists(names.Bridge))
        {
            await Programs.RunAsync("ip", ["link", "add", names.Bridge, "type", "bridge"], ct);
        }

        await Programs.RunAsync("ip", ["address", "replace", $"{Subnets.AddressAt(network, 1)}/{network.PrefixLength}", "broadcast", "+", "dev", names.Bridge], ct);
        await Programs.RunAsync("ip", ["link", "set", names.Bridge, "up"], ct);
        EnableForwarding();
        await EnsureTableAsync(network, ct);
        await ForwardRules.EnsureAsync("iptables", names.Bridge, journal, ct);
        if (second is { } v6)
        {
            await EnsureV6Async(v6, ct);
        }
    }

    /// <summary>Connects a machine: its end of the link appears in its network namespace as eth0, without an address yet.</summary>
    /// <param name="machine">The machine's name.</param>
    /// <param name="index">Its number in the profile.</param>
    /// <param name="pid">A process in its network namespace.</param>
    /// <param name="ct">Ends the programs that are run.</param>
    public async Task ConnectAsync(string machine, int index, int pid, CancellationToken ct)
    {
        var link = names.Link(index);
        journal.Record(HostChangeKind.Link, machine, link, "");
        if (LinkExists(link))
        {
            await Programs.RunAsync("ip", ["link", "delete", link], ct);
        }

        await Programs.RunAsync("ip", ["link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", $"{pid}"], ct);
        await Programs.RunAsync("ip", ["link", "set", link, "master", names.Bridge, "up"], ct);
    }

    /// <summary>Whether this host has a link of this name. /sys may show another network namespace than the one that this process is in.</summary>
    public static bool LinkExists(string name) => File.ReadLines("/proc/net/dev").Any(l => l.AsSpan().TrimStart().StartsWith(name + ":", StringComparison.Ordinal));

    private async Task EnsureV6Async(IPNetwork network, CancellationToken ct)
    {
        Set($"{IPv6Settings}{names.Bridge}/disable_ipv6", "0", isOwn: true);
        await Programs.RunAsync("ip", ["-6", "address", "replace", $"{Subnets.AddressAt(network, 1)}/{network.PrefixLength}", "dev", names.Bridge, "nodad"], ct);
        await KeepRouterAsync(ct);
        Set(IPv6Settings + "all/forwarding", "1");
        journal.Record(HostChangeKind.Table, "", "ip6 " + names.Table, "");
        await Programs.RunAsync(
            "nft",
            ["-f", "-"],
            $$"""
            table ip6 {{names.Table}}
            delete table ip6 {{names.Table}}
            table ip6 {{names.Table}} {
              chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                ip6 saddr {{network}} ip6 daddr != {{network}} oifname != "{{names.Bridge}}" masquerade
              }
            }
            """,
            ct);
        await ForwardRules.EnsureAsync("ip6tables", names.Bridge, journal, ct);
    }

    // A host that forwards forgets the default route that it heard of from a router, and hears no more, unless the link says 2.
    private async Task KeepRouterAsync(CancellationToken ct)
    {
        var routes = await Programs.TryRunAsync("ip", ["-6", "route", "show", "default", "proto", "ra"], null, ct);
        foreach (var link in LinksOf(routes.Output).Where(l => File.Exists($"{IPv6Settings}{l}/accept_ra")))
        {
            Set($"{IPv6Settings}{link}/accept_ra", "2");
        }
    }

    /// <summary>The links in the output of `ip route`.</summary>
    internal static IReadOnlyList<string> LinksOf(string routes) =>
        [.. routes.Split('\n').Select(l => l.Split(' ')).Select(w => (Words: w, At: Array.IndexOf(w, "dev"))).Where(l => l.At >= 0 && l.At + 1 < l.Words.Length).Select(l => l.Words[l.At + 1]).Distinct()];

    private void EnableForwarding() => Set(ForwardSysctl, "1");

    private void Set(string sysctl, string value, bool isOwn = false)
    {
        var before = File.ReadAllText(sysctl).Trim();
        if (before == value)
        {
            return;
        }

        if (!isOwn)
        {
            journal.Record(HostChangeKind.Sysctl, "", sysctl, before); // a setting of our own link goes with the link
        }

        File.WriteAllText(sysctl, value);
    }

    private async Task<List<IPNetwork>> OthersAsync(string family, CancellationToken ct)
    {
        var all = await Programs.RunAsync("ip", [family, "route", "show", "table", "all"], ct);
        return [.. Subnets.InUse(string.Join('\n', all.Split('\n').Where(l => !l.Split(' ').Contains(names.Bridge))))];
    }

    private static void RequireFree(IPNetwork network, IReadOnlyList<IPNetwork> used)
    {
        if (used.FirstOrDefault(u => Subnets.Overlap(u, network)) is { PrefixLength: > 0 } other)
        {
            throw new MachineException(MachineFault.Network, $"the subnet {network} is taken: this host already uses {other}");
        }
    }

    // A table of our own: what others have is not touched, and deleting it deletes everything. "destroy" is newer than Debian 12's nft.
    private async Task EnsureTableAsync(IPNetwork network, CancellationToken ct)
    {
        journal.Record(HostChangeKind.Table, "", "ip " + names.Table, "");
        var relay = HostResolver.RelayTarget();
        if (relay is not null)
        {
            // Lets packets from the bridge reach 127.0.0.1; the setting goes with the bridge.
            await File.WriteAllTextAsync($"/proc/sys/net/ipv4/conf/{names.Bridge}/route_localnet", "1", ct);
        }

        var gateway = Subnets.AddressAt(network, 1);
        await Programs.RunAsync(
            "nft",
            ["-f", "-"],
            $$"""
            table ip {{names.Table}}
            delete table ip {{names.Table}}
            table ip {{names.Table}} {
              chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                ip saddr {{network}} ip daddr != {{network}} oifname != "{{names.Bridge}}" masquerade
              }
            {{(relay is null ? "" : $$"""
              chain prerouting {
                type nat hook prerouting priority dstnat; policy accept;
                iifname "{{names.Bridge}}" ip daddr {{gateway}} meta l4proto { tcp, udp } th dport 53 dnat to {{relay}}
              }
            """)}}
            }
            """,
            ct);
    }
}
