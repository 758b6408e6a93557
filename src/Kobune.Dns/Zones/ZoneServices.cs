using System.Net;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;

namespace Kobune.Dns.Zones;

/// <summary>Zone entries out of API objects. Pure.</summary>
internal static class ZoneServices
{
    private const string Headless = "None";
    private static readonly ZonePort[] NoPorts = [new("", "", -1)];

    /// <summary>Joins a Service with its slices. A slice without a ready condition counts as ready, as upstream says.</summary>
    public static ZoneService Build(Service service, IEnumerable<EndpointSlice> slices)
    {
        var (ns, name) = (service.Metadata.Namespace, service.Metadata.Name);
        if (service.Spec.Type == ServiceType.ExternalName)
        {
            return new(ns, name) { ExternalName = service.Spec.ExternalName };
        }

        var headless = service.Spec.ClusterIP == Headless;
        return new(ns, name)
        {
            Headless = headless,
            ClusterIPs = headless ? [] : Addresses(service.Spec.ClusterIPs is { Count: > 0 } all ? all : [service.Spec.ClusterIP]),
            Ports = [.. service.Spec.Ports.Select(p => new ZonePort(p.Name, p.Protocol.ToLowerInvariant(), p.Port))],
            Endpoints = Endpoints(slices),
        };
    }

    private static List<ZoneEndpoint> Endpoints(IEnumerable<EndpointSlice> slices)
    {
        var endpoints = new List<ZoneEndpoint>();
        foreach (var slice in slices.OrderBy(s => s.Metadata.Name, StringComparer.Ordinal))
        {
            ZonePort[] ports = [.. slice.Ports.Select(p => new ZonePort(p.Name ?? "", (p.Protocol ?? "TCP").ToLowerInvariant(), p.Port ?? -1))];
            foreach (var endpoint in slice.Endpoints)
            {
                if (endpoint.Conditions.Ready is false)
                {
                    continue;
                }

                foreach (var address in Addresses(endpoint.Addresses))
                {
                    var hostname = endpoint.Hostname is { Length: > 0 } given ? given : null;
                    endpoints.Add(new(address, (hostname ?? ZoneEndpoint.LabelOf(address)).ToLowerInvariant(), hostname is not null, ports.Length == 0 ? NoPorts : ports)
                    {
                        PodName = endpoint.TargetRef is { Kind: "Pod" } pod ? pod.Name : "",
                    });
                }
            }
        }

        return endpoints;
    }

    private static List<IPAddress> Addresses(IEnumerable<string> texts)
    {
        var addresses = new List<IPAddress>();
        foreach (var text in texts)
        {
            if (IPAddress.TryParse(text, out var address)) // slices of type FQDN have no addresses
            {
                addresses.Add(address);
            }
        }

        return addresses;
    }
}
