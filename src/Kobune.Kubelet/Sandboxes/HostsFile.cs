using System.Text;
using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Sandboxes;

/// <summary>The /etc/hosts that the kubelet keeps for a pod.</summary>
internal static class HostsFile
{
    internal static string ForPod(Pod pod, IReadOnlyList<string> podIPs, string hostname, string domain)
    {
        var text = new StringBuilder(
            """
            # Kubernetes-managed hosts file.
            127.0.0.1	localhost
            ::1	localhost ip6-localhost ip6-loopback
            fe00::0	ip6-localnet
            fe00::0	ip6-mcastprefix
            fe00::1	ip6-allnodes
            fe00::2	ip6-allrouters

            """);
        foreach (var ip in podIPs)
        {
            text.Append(ip).Append('\t').Append(domain.Length > 0 ? $"{hostname}.{domain}\t" : "").Append(hostname).Append('\n');
        }

        return Aliases(text, pod).ToString();
    }

    internal static string ForHostNetwork(Pod pod, string nodeHosts) =>
        Aliases(new StringBuilder("# Kubernetes-managed hosts file (host network).\n").Append(nodeHosts), pod).ToString();

    private static StringBuilder Aliases(StringBuilder text, Pod pod)
    {
        if (pod.Spec.HostAliases.Count > 0)
        {
            text.Append("\n# Entries added by HostAliases.\n");
            foreach (var alias in pod.Spec.HostAliases)
            {
                text.Append(alias.IP).Append('\t').AppendJoin('\t', alias.Hostnames).Append('\n');
            }
        }

        return text;
    }
}
