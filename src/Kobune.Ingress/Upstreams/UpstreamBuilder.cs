using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Networking.V1;
using Kobune.Ingress.Routing;
using IPAddress = System.Net.IPAddress;

namespace Kobune.Ingress.Upstreams;

/// <summary>Service ports to endpoints, as ingress-nginx does: straight from the EndpointSlices, so that no ClusterIP rule is in the way. Pure.</summary>
internal sealed class UpstreamBuilder(IRoutingObjects objects)
{
    private readonly Dictionary<(string Name, bool ServiceUpstream), Upstream> _known = [];

    /// <summary>The upstream of a backend; one without endpoints when the Service or its port is missing.</summary>
    public Upstream Build(string ns, IngressServiceBackend backend, bool serviceUpstream)
    {
        var port = backend.Port.Name.Length > 0 ? backend.Port.Name : backend.Port.Number.ToString(CultureInfo.InvariantCulture);
        var key = ($"{ns}-{backend.Name}-{port}", serviceUpstream);
        if (!_known.TryGetValue(key, out var upstream))
        {
            _known[key] = upstream = new(key.Item1, Endpoints(ns, backend.Name, port, serviceUpstream));
        }

        return upstream;
    }

    /// <summary>The first port of a Service: what the annotation default-backend means.</summary>
    public Upstream? BuildDefault(string ns, string service) => objects.FindService(ns, service) is { Spec.Ports: [var first, ..] }
        ? Build(ns, new() { Name = service, Port = new() { Number = first.Port } }, serviceUpstream: false)
        : null;

    private IReadOnlyList<UpstreamEndpoint> Endpoints(string ns, string name, string port, bool serviceUpstream)
    {
        if (objects.FindService(ns, name) is not { } service)
        {
            return [];
        }

        var wanted = service.Spec.Ports.FirstOrDefault(p => p.Name == port || Number(p.Port) == port || p.TargetPort.ToString() == port);
        if (service.Spec.Type == ServiceType.ExternalName)
        {
            return External(service, wanted, port);
        }

        if (wanted is null)
        {
            return [];
        }

        return serviceUpstream && IPAddress.TryParse(service.Spec.ClusterIP, out _)
            ? [new(service.Spec.ClusterIP, wanted.Port)]
            : OfSlices(objects.SlicesOf(ns, name), wanted);
    }

    /// <summary>An ExternalName leads out of the cluster; the node's own loopback is not for everybody's Ingress.</summary>
    private static UpstreamEndpoint[] External(Service service, ServicePort? wanted, string port)
    {
        var name = service.Spec.ExternalName.TrimEnd('.');
        var loopback = name == "localhost" || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));
        var number = wanted is { TargetPort.IntValue: > 0 } ? wanted.TargetPort.IntValue : wanted?.Port ?? (int.TryParse(port, out var given) ? given : 0);
        return loopback || number == 0 || Uri.CheckHostName(name) == UriHostNameType.Unknown ? [] : [new(name, number)];
    }

    private static List<UpstreamEndpoint> OfSlices(IEnumerable<EndpointSlice> slices, ServicePort wanted)
    {
        var endpoints = new List<UpstreamEndpoint>();
        foreach (var slice in slices.OrderBy(s => s.Metadata.Name, StringComparer.Ordinal))
        {
            var ports = PortsOf(slice, wanted);
            foreach (var endpoint in slice.Endpoints)
            {
                if (endpoint.Conditions.Ready is false)
                {
                    continue;
                }

                foreach (var address in endpoint.Addresses)
                {
                    endpoints.AddRange(ports.Select(p => new UpstreamEndpoint(address, p)));
                }
            }
        }

        return [.. endpoints.Distinct()];
    }

    private static int[] PortsOf(EndpointSlice slice, ServicePort wanted)
    {
        if (slice.Ports.Count == 0)
        {
            return wanted.TargetPort.IntValue > 0 ? [wanted.TargetPort.IntValue] : [];
        }

        return [.. slice.Ports
            .Where(p => (p.Protocol ?? "TCP") == "TCP" && p.Port is > 0 && (wanted.Name.Length == 0 || (p.Name ?? "") == wanted.Name))
            .Select(p => p.Port!.Value)
            .Distinct()];
    }

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);
}
