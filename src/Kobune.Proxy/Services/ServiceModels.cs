using System.Net;
using System.Net.Sockets;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;

namespace Kobune.Proxy.Services;

/// <summary>API objects to models. Pure.</summary>
internal static class ServiceModels
{
    private const string Local = "Local";
    private const string ProxyNameLabel = "service.kubernetes.io/service-proxy-name";
    private const int DefaultAffinitySeconds = 10800;

    /// <summary>The ports of a Service in one family; none when the Service has no cluster IP there or belongs to another proxy.</summary>
    public static IReadOnlyList<ServicePortModel> Build(Service service, IReadOnlyList<EndpointSlice> slices, AddressFamily family, NodePlace place)
    {
        if (service.Spec.Type == ServiceType.ExternalName || service.Metadata.Labels.ContainsKey(ProxyNameLabel)
            || ClusterIPOf(service, family) is not { } clusterIP)
        {
            return [];
        }

        var external = service.Spec.Type is "NodePort" or "LoadBalancer" || service.Spec.ExternalIPs.Count > 0;
        var externalLocal = external && service.Spec.ExternalTrafficPolicy == Local;
        var internalLocal = service.Spec.InternalTrafficPolicy == Local;
        var healthPort = externalLocal && service.Spec.Type == "LoadBalancer" ? service.Spec.HealthCheckNodePort : 0;
        var localReady = healthPort > 0 ? EndpointChoice.LocalReady(slices, place) : [];
        return [.. service.Spec.Ports.Select(port => new ServicePortModel
        {
            Service = service.Metadata.Namespace + "/" + service.Metadata.Name,
            PortName = port.Name,
            Protocol = port.Protocol.Length == 0 ? "tcp" : port.Protocol.ToLowerInvariant(),
            Port = port.Port,
            ClusterIP = clusterIP,
            NodePort = port.NodePort,
            ExternalIPs = Addresses(service.Spec.ExternalIPs, family),
            LoadBalancerIPs = service.Spec.Type == "LoadBalancer"
                ? Addresses(service.Status.LoadBalancer.Ingress.Where(i => i.IPMode is null or "VIP").Select(i => i.IP), family)
                : [],
            SourceRanges = SourceRanges.Of(service.Spec.LoadBalancerSourceRanges, family),
            AffinitySeconds = service.Spec.SessionAffinity == "ClientIP" ? service.Spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds ?? DefaultAffinitySeconds : 0,
            InternalLocal = internalLocal,
            ExternalLocal = externalLocal,
            HealthCheckNodePort = healthPort,
            LocalReady = localReady,
            Cluster = EndpointChoice.Choose(port, slices, family, place, localOnly: false),
            Local = internalLocal || externalLocal ? EndpointChoice.Choose(port, slices, family, place, localOnly: true) : [],
        })];
    }

    private static IPAddress? ClusterIPOf(Service service, AddressFamily family)
    {
        IReadOnlyList<string> texts = service.Spec.ClusterIPs.Count > 0 ? service.Spec.ClusterIPs : [service.Spec.ClusterIP];
        return Addresses(texts, family).FirstOrDefault(); // "None" and "" are no addresses
    }

    private static List<IPAddress> Addresses(IEnumerable<string> texts, AddressFamily family)
    {
        var addresses = new List<IPAddress>();
        foreach (var text in texts)
        {
            if (IPAddress.TryParse(text, out var address) && address.AddressFamily == family)
            {
                addresses.Add(address);
            }
        }

        return addresses;
    }
}
