using System.Net;
using System.Net.Sockets;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;

namespace Kobune.Node.ClusterDns;

/// <summary>The objects of the cluster DNS. Names, labels and ports are those of kubeadm's kube-dns Service.</summary>
internal static class ClusterDnsManifest
{
    private static readonly Dictionary<string, string> Labels = new()
    {
        ["k8s-app"] = "kube-dns",
        ["kubernetes.io/cluster-service"] = "true",
        ["kubernetes.io/name"] = "CoreDNS",
    };

    /// <summary>With one address, or with one of each family.</summary>
    public static Service Service(IReadOnlyList<IPAddress> addresses) => new()
    {
        Metadata = new() { Name = ClusterDnsObjects.ServiceName, Namespace = ClusterDnsObjects.Namespace, Labels = Labels },
        Spec = new()
        {
            ClusterIP = addresses[0].ToString(),
            ClusterIPs = [.. addresses.Select(a => a.ToString())],
            IPFamilyPolicy = addresses.Count > 1 ? "RequireDualStack" : null,
            Ports =
            [
                new() { Name = "dns", Port = 53, Protocol = "UDP", TargetPort = 53 },
                new() { Name = "dns-tcp", Port = 53, Protocol = "TCP", TargetPort = 53 },
            ],
        },
    };

    public static EndpointSlice Slice(IPEndPoint server) => new()
    {
        Metadata = new()
        {
            Name = IsV6(server) ? ClusterDnsObjects.SliceNameV6 : ClusterDnsObjects.SliceName,
            Namespace = ClusterDnsObjects.Namespace,
            Labels = new Dictionary<string, string>(Labels)
            {
                ["kubernetes.io/service-name"] = ClusterDnsObjects.ServiceName,
                ["endpointslice.kubernetes.io/managed-by"] = "kobune",
            },
        },
        AddressType = IsV6(server) ? "IPv6" : "IPv4",
        Endpoints = [new() { Addresses = [server.Address.ToString()], Conditions = new() { Ready = true, Serving = true, Terminating = false } }],
        Ports =
        [
            new() { Name = "dns", Port = server.Port, Protocol = "UDP" },
            new() { Name = "dns-tcp", Port = server.Port, Protocol = "TCP" },
        ],
    };

    private static bool IsV6(IPEndPoint server) => server.AddressFamily == AddressFamily.InterNetworkV6;
}
