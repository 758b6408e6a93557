namespace Kobune.Machine.Host;

/// <summary>The host's DNS servers, as far as a node can use them.</summary>
public static class HostResolver
{
    private const string Configuration = "/etc/resolv.conf";
    private const string Resolved = "/run/systemd/resolve/resolv.conf";

    /// <summary>The server on the host's loopback that must be relayed to the nodes; null when they can reach the host's servers themselves.</summary>
    public static string? RelayTarget() => RelayTarget(Read(Configuration) ?? "", Read(Resolved));

    /// <summary>The node's resolv.conf.</summary>
    /// <param name="gateway">The host's address on the bridge, where the relay answers.</param>
    public static string ResolvConf(string gateway) => ResolvConf(Read(Configuration) ?? "", Read(Resolved), gateway);

    /// <summary>
    /// A resolver on the host's loopback cannot be reached from the node; systemd-resolved keeps the real servers in a file of its own, and for any
    /// other one the bridge's address is given, where packets are passed on to it.
    /// </summary>
    internal static string ResolvConf(string host, string? resolved, string gateway)
    {
        if (!HasOnlyLoopbackServers(host))
        {
            return host;
        }

        if (resolved is not null && !HasOnlyLoopbackServers(resolved))
        {
            return resolved;
        }

        var kept = host.Split('\n').Where(l => !l.TrimStart().StartsWith("nameserver", StringComparison.Ordinal));
        return $"nameserver {gateway}\n{string.Join('\n', kept)}";
    }

    /// <inheritdoc cref="RelayTarget()"/>
    internal static string? RelayTarget(string host, string? resolved) =>
        HasOnlyLoopbackServers(host) && (resolved is null || HasOnlyLoopbackServers(resolved)) ? Servers(host).FirstOrDefault(s => s.StartsWith("127.", StringComparison.Ordinal)) : null;

    private static bool HasOnlyLoopbackServers(string text) => Servers(text).All(s => s.StartsWith("127.", StringComparison.Ordinal) || s == "::1");

    private static IEnumerable<string> Servers(string text) =>
        text.Split('\n').Select(l => l.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length > 1 && w[0] == "nameserver").Select(w => w[1]);

    private static string? Read(string file) => File.Exists(file) ? File.ReadAllText(file) : null;
}
