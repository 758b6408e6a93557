using Kobune.Api.Core.V1;
using Kobune.Client;

namespace Kobune.Node.ClusterDns;

/// <summary>
/// The ConfigMap kube-system/coredns: the Corefile that people know from kubeadm and minikube, with the host's names. The DNS in the node process reads
/// it as CoreDNS would, as far as it knows the plugins (docs/adr/0005).
/// </summary>
internal static class CorefileMap
{
    /// <summary>Its namespace and name.</summary>
    public static ObjectKey Key { get; } = new("kube-system", "coredns");

    /// <summary>The object of a new cluster.</summary>
    public static ConfigMap Create(NodeConfig config) => new()
    {
        Metadata = new() { Name = Key.Name, Namespace = Key.Namespace },
        Data = new Dictionary<string, string> { ["Corefile"] = Text(config) },
    };

    internal static string Text(NodeConfig config) => $$"""
        .:53 {
            errors
            ready
            kubernetes {{config.ClusterDomain}} in-addr.arpa ip6.arpa {
               pods insecure
               fallthrough in-addr.arpa ip6.arpa
               ttl 30
            }
            hosts {
               {{(config.HostIP.Length > 0 ? config.HostIP + " host.kobune.internal host.minikube.internal" : "# the host's address is not known")}}
               {{config.NodeIP}} control-plane.kobune.internal control-plane.minikube.internal
               fallthrough
            }
            forward . /etc/resolv.conf
            cache 30
            loop
            reload
            loadbalance
        }

        """;
}
