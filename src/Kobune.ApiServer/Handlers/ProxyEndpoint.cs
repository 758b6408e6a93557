using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>pods/proxy, services/proxy and nodes/proxy: the request goes on to the target as it came, without its credentials.</summary>
internal sealed class ProxyEndpoint(IOutboundConnector? connector, ServerContext server) : IConnectEndpoint
{
    public bool Serves(ServedResource resource, string subresource) =>
        subresource == "proxy" && resource.Schema is { Group: "", Plural: "pods" or "services" or "nodes" };

    public async ValueTask<ApiResult> ConnectAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        await ConnectEndpoints.AdmitAsync(server, call, resource, ct);
        var http = call.Http ?? throw StatusErrors.BadRequest("the proxy subresource is reached through HTTP");
        var target = call.Info.Resource switch
        {
            "pods" => await PodTargetAsync(call.Info, ct),
            "services" => ServiceTarget(call.Info),
            _ => await NodeTargetAsync(call.Info, ct),
        };
        var (invoker, address) = await ConnectEndpoints.Required(connector).ConnectAsync(target, ct);
        await new ProxyForward(http, invoker, address).RunAsync(ct);
        return new TakenOverResult();
    }

    /// <summary>"https:name:port" as (scheme, name, port). Source: k8s.io/apimachinery, util/net.SplitSchemeNamePort.</summary>
    private static (bool Tls, string Name, string Port) Split(string id, string resource)
    {
        var parts = id.Split(':');
        return parts switch
        {
            [var name] => (false, name, ""),
            [var name, var port] => (false, name, port),
            ["http" or "", var name, var port] => (false, name, port),
            ["https", var name, var port] => (true, name, port),
            _ => throw StatusErrors.BadRequest($"invalid {resource} request \"{id}\""),
        };
    }

    private async ValueTask<OutboundTarget> PodTargetAsync(RequestInfo info, CancellationToken ct)
    {
        var (tls, name, port) = Split(info.Name, "pod");
        var pod = await ConnectEndpoints.PodAsync(server, info, name, ct);
        CheckAddress(pod.Status.PodIP);

        var number = port.Length > 0 ? PortNumber(port) : pod.Spec.Containers.SelectMany(c => c.Ports).FirstOrDefault()?.ContainerPortValue ?? (tls ? 443 : 80);
        return new(OutboundPurpose.Pod, pod.Status.PodIP, number, tls);
    }

    private OutboundTarget ServiceTarget(RequestInfo info)
    {
        var (tls, name, port) = Split(info.Name, "service");
        var service = server.Objects.Find<Service>(info.Namespace, name) ?? throw StatusErrors.NotFound("", "services", name);
        if (int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted))
        {
            // endpoints know ports by name
            port = service.Spec.Ports.FirstOrDefault(p => p.Port == wanted)?.Name ?? throw StatusErrors.ServiceUnavailable($"no service port {wanted} found for service \"{name}\"");
        }

        return ServiceEndpoints.Pick(server.Objects, service, port, IsProxyable) is var (address, number)
            ? new(OutboundPurpose.Service, address, number, tls)
            : throw StatusErrors.ServiceUnavailable($"no endpoints available for service \"{name}\"");
    }

    private async ValueTask<OutboundTarget> NodeTargetAsync(RequestInfo info, CancellationToken ct)
    {
        var (_, name, port) = Split(info.Name, "node");
        return await server.Objects.GetAsync<Api.Core.V1.Node>("", name, ct) is null
            ? throw StatusErrors.NotFound("", "nodes", name)
            : new(OutboundPurpose.Kubelet, name, port.Length > 0 ? PortNumber(port) : 0, true);
    }

    // The proxy must not become a way to the server's own host (upstream: proxyutil.IsProxyableIP).
    private static void CheckAddress(string ip)
    {
        if (!IsProxyable(ip))
        {
            throw StatusErrors.BadRequest("address not allowed");
        }
    }

    private static bool IsProxyable(string text) =>
        IPAddress.TryParse(text, out var ip) && !IPAddress.IsLoopback(ip) && !ip.IsIPv6LinkLocal && !ip.IsIPv6Multicast && !ip.Equals(IPAddress.Any) && !ip.Equals(IPAddress.IPv6Any)
        && !(ip.AddressFamily == AddressFamily.InterNetwork && ip.GetAddressBytes() is ([169, 254, ..] or [>= 224, ..]));

    private static int PortNumber(string port) =>
        int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw StatusErrors.BadRequest($"invalid port \"{port}\"");
}
