using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;

namespace Kobune.Proxy.Tests;

/// <summary>Services and slices in few words.</summary>
internal static class Objects
{
    public const string ThisNode = "node-1";

    public static Service Service(string name, string clusterIP, ServiceSpec? spec = null, params ServicePort[] ports) => new()
    {
        Metadata = new() { Name = name, Namespace = "default" },
        Spec = (spec ?? new()) with { Type = spec?.Type is { Length: > 0 } type ? type : "ClusterIP", ClusterIP = clusterIP, ClusterIPs = [clusterIP], Ports = ports.Length > 0 ? ports : [Port(80)] },
    };

    public static ServicePort Port(int port, int nodePort = 0, string protocol = "TCP", string name = "") => new() { Name = name, Port = port, NodePort = nodePort, Protocol = protocol };

    public static EndpointSlice Slice(string service, int port, params Endpoint[] endpoints) => new()
    {
        Metadata = new() { Name = service + "-1", Namespace = "default", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service } },
        AddressType = "IPv4",
        Ports = [new() { Name = "", Port = port, Protocol = "TCP" }],
        Endpoints = endpoints,
    };

    public static EndpointSlice Udp(this EndpointSlice slice) => slice with { Ports = [slice.Ports[0] with { Protocol = "UDP" }] };

    public static Endpoint Ready(string address, string node = ThisNode) => new() { Addresses = [address], NodeName = node, Conditions = new() { Ready = true, Serving = true, Terminating = false } };

    public static Endpoint Unready(string address) => new() { Addresses = [address], NodeName = ThisNode, Conditions = new() { Ready = false, Serving = false, Terminating = false } };

    public static Endpoint Ending(string address, bool serving = true, string node = ThisNode) => new() { Addresses = [address], NodeName = node, Conditions = new() { Ready = false, Serving = serving, Terminating = true } };

    /// <summary>With hints: for a zone, and for a node if one is named.</summary>
    public static Endpoint For(this Endpoint endpoint, string zone, string? node = null) =>
        endpoint with { Hints = new() { ForZones = [new() { Name = zone }], ForNodes = node is null ? [] : [new() { Name = node }] } };
}
