using Kobune.Api.Core.V1;
using Kobune.Api.Schema;

namespace Kobune.Kubelet.Admission;

/// <summary>
/// Which kernel parameters a pod may set (kubelet/sysctl): the safe ones, which bear on this pod alone, and those that the node's owner allows beside
/// them (--allowed-unsafe-sysctls). Pure.
/// </summary>
internal sealed class SysctlAllowlist(IReadOnlyList<string> allowedUnsafe, KubernetesVersion release)
{
    /// <summary>The safe ones, each with the minor release that it is safe since.</summary>
    private static readonly (string Name, int Since)[] Safe =
    [
        ("kernel.shm_rmid_forced", 0), ("net.ipv4.ip_local_port_range", 0), ("net.ipv4.tcp_syncookies", 0), ("net.ipv4.ping_group_range", 0), ("net.ipv4.ip_unprivileged_port_start", 0),
        ("net.ipv4.ip_local_reserved_ports", 27), ("net.ipv4.tcp_keepalive_time", 29), ("net.ipv4.tcp_fin_timeout", 29), ("net.ipv4.tcp_keepalive_intvl", 29),
        ("net.ipv4.tcp_keepalive_probes", 29), ("net.ipv4.tcp_rmem", 32), ("net.ipv4.tcp_wmem", 32),
    ];

    private readonly string[] _patterns = [.. Safe.Where(s => s.Since <= release.Minor).Select(s => s.Name), .. allowedUnsafe.Select(Dotted)];

    /// <summary>Null when the pod sets nothing that it may not, else reason and message of its failure.</summary>
    internal (string Reason, string Message)? Refusal(Pod pod)
    {
        foreach (var sysctl in pod.Spec.SecurityContext?.Sysctls ?? [])
        {
            if (Objection(Dotted(sysctl.Name), pod.Spec) is { } objection)
            {
                return ("SysctlForbidden", "forbidden sysctl: " + objection);
            }
        }

        return null;
    }

    /// <summary>Whether the kernel keeps what the pattern names for each namespace: a parameter of the whole machine is no pod's to set.</summary>
    /// <param name="pattern">A parameter, or the beginning of some with an asterisk behind it: "net.core.*".</param>
    internal static bool IsNamespaced(string pattern) => NamespaceOf(Dotted(pattern).TrimEnd('*')) is not null;

    private string? Objection(string name, PodSpec spec)
    {
        if (!_patterns.Any(p => p.EndsWith('*') ? name.StartsWith(p[..^1], StringComparison.Ordinal) : p == name))
        {
            return $"\"{name}\" not allowlisted";
        }

        var space = NamespaceOf(name);
        return (space == "IPC" && spec.HostIPC) || (space == "Net" && spec.HostNetwork) ? $"\"{name}\" not allowed with host {space} enabled" : null;
    }

    private static string? NamespaceOf(string name) =>
        name == "kernel.sem" || name.StartsWith("kernel.shm", StringComparison.Ordinal) || name.StartsWith("kernel.msg", StringComparison.Ordinal) || name.StartsWith("fs.mqueue.", StringComparison.Ordinal) ? "IPC"
        : name.StartsWith("net.", StringComparison.Ordinal) ? "Net"
        : null;

    /// <summary>With slashes between the parts, a dot belongs to a name ("net/ipv4/conf/eth0.1/forwarding").</summary>
    private static string Dotted(string name)
    {
        var first = name.AsSpan().IndexOfAny('.', '/');
        return first < 0 || name[first] == '.' ? name : string.Create(name.Length, name, (to, from) =>
        {
            for (var i = 0; i < from.Length; i++)
            {
                to[i] = from[i] switch { '/' => '.', '.' => '/', var c => c };
            }
        });
    }
}
