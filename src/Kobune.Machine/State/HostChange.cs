namespace Kobune.Machine.State;

/// <summary>The kinds of change that a machine makes to its host.</summary>
public static class HostChangeKind
{
    /// <summary>Name is a PID, Value its start time.</summary>
    public const string Process = "process";

    /// <summary>Name is a network link; its routes and addresses go with it.</summary>
    public const string Link = "link";

    /// <summary>Name is an nftables table, "ip kobune_0a1b2c3d".</summary>
    public const string Table = "table";

    /// <summary>Name is the iptables chain, Value the rule's arguments separated by spaces.</summary>
    public const string ForwardRule = "forward-rule";

    /// <summary>The same of ip6tables.</summary>
    public const string ForwardRuleV6 = "forward-rule-v6";

    /// <summary>Name is a file below /proc/sys, Value what it held before.</summary>
    public const string Sysctl = "sysctl";

    /// <summary>Name is a cgroup folder.</summary>
    public const string Cgroup = "cgroup";

    /// <summary>Name is the file with an entry of the host's resolver, Value the profile's id in it. It outlives a reboot.</summary>
    public const string Resolver = "resolver";
}

/// <summary>One change to the host, written down before it is made.</summary>
/// <param name="Kind">One of <see cref="HostChangeKind"/>.</param>
/// <param name="Machine">The machine it belongs to; empty when all machines of the profile share it.</param>
/// <param name="Name">What was changed.</param>
/// <param name="Value">What is needed to undo it.</param>
/// <param name="BootId">The boot in which it was made: what does not outlive a reboot is not undone after one.</param>
public sealed record HostChange(string Kind, string Machine, string Name, string Value, string BootId);
