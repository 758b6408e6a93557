using System.Net;
using Kobune.Machine.State;

namespace Kobune.Machine.Host;

/// <summary>The host's side of a profile's network: bridge, links to the machines, forwarding, NAT to the outside. Each change is recorded first.</summary>
/// <param name="names">What things are called.</param>
/// <param name="journal">Where changes are recorded.</param>
public sealed class HostNetwork(HostNames names, Journal journal)
{
    private const string ForwardSysctl = "/proc/sys/net/ipv4/ip_forward";

    /// <summary>Chooses the network: the one asked for if it is free, else the first free default.</summary>
    /// <exception cref="MachineException">It is taken, or none is free.</exception>
    public async Task<IPNetwork> ChooseAsync(IPNetwork? wanted, CancellationToken ct)
    {
        var own = await Programs.TryRunAsync("ip", ["-4", "route", "show", "table", "all", "dev", names.Bridge], null, ct);
        var all = await Programs.RunAsync("ip", ["-4", "route", "show", "table", "all"], ct);
        var mine = Subnets.InUse(own.Output).ToHashSet();
        var used = Subnets.InUse(all).Where(n => !mine.Contains(n)).ToList();
        if (wanted is { } network)
        {
            return used.FirstOrDefault(u => Subnets.Overlap(u, network)) is { PrefixLength: > 0 } other
                ? throw new MachineException(MachineFault.Network, $"the subnet {network} is taken: this host already uses {other}")
                : network;
        }

        return Subnets.Choose(used) ?? throw new MachineException(MachineFault.Network, "none of the 20 default subnets is free");
    }

    /// <summary>Makes the bridge with the host's address, and what lets its machines out. Does nothing where it stands already.</summary>
    public async Task EnsureAsync(IPNetwork network, CancellationToken ct)
    {
        journal.Record(HostChangeKind.Link, "", names.Bridge, "");
        if (!LinkExists(names.Bridge))
        {
            await Programs.RunAsync("ip", ["link", "add", names.Bridge, "type", "bridge"], ct);
        }

        await Programs.RunAsync("ip", ["address", "replace", $"{Subnets.AddressAt(network, 1)}/{network.PrefixLength}", "broadcast", "+", "dev", names.Bridge], ct);
        await Programs.RunAsync("ip", ["link", "set", names.Bridge, "up"], ct);
        EnableForwarding();
        await EnsureTableAsync(network, ct);
        await ForwardRules.EnsureAsync(names.Bridge, journal, ct);
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

    private void EnableForwarding()
    {
        var before = File.ReadAllText(ForwardSysctl).Trim();
        if (before != "1")
        {
            journal.Record(HostChangeKind.Sysctl, "", ForwardSysctl, before);
            File.WriteAllText(ForwardSysctl, "1");
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
