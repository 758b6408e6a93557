using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;
using Microsoft.AspNetCore.Http;

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
        await ForwardAsync(http, invoker, new Uri(address, Rest(http.Request)), ct);
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
        if (pod.Status.PodIP.Length == 0)
        {
            throw StatusErrors.BadRequest("address not allowed");
        }

        var number = port.Length > 0 ? PortNumber(port) : pod.Spec.Containers.SelectMany(c => c.Ports).FirstOrDefault()?.ContainerPortValue ?? (tls ? 443 : 80);
        return new(OutboundPurpose.Pod, pod.Status.PodIP, number, tls);
    }

    private OutboundTarget ServiceTarget(RequestInfo info)
    {
        var (tls, name, port) = Split(info.Name, "service");
        var service = server.Objects.Find<Service>(info.Namespace, name) ?? throw StatusErrors.NotFound("", "services", name);
        var wanted = ServiceEndpoints.Port(service, port) ?? throw StatusErrors.ServiceUnavailable($"no service port \"{port}\" found for service \"{name}\"");
        return ServiceEndpoints.Pick(server.Objects, service, wanted) is var (address, number)
            ? new(OutboundPurpose.Service, address, number, tls)
            : throw StatusErrors.ServiceUnavailable($"no endpoints available for service \"{info.Name}\"");
    }

    private async ValueTask<OutboundTarget> NodeTargetAsync(RequestInfo info, CancellationToken ct)
    {
        var (_, name, port) = Split(info.Name, "node");
        return await server.Objects.GetAsync<Api.Core.V1.Node>("", name, ct) is null
            ? throw StatusErrors.NotFound("", "nodes", name)
            : new(OutboundPurpose.Kubelet, name, port.Length > 0 ? PortNumber(port) : 0, true);
    }

    private static int PortNumber(string port) =>
        int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw StatusErrors.BadRequest($"invalid port \"{port}\"");

    /// <summary>The path after "/proxy", with the query.</summary>
    private static string Rest(HttpRequest request)
    {
        var path = request.Path.Value!;
        var at = path.IndexOf("/proxy", StringComparison.Ordinal);
        var rest = path[(at + "/proxy".Length)..];
        return string.Concat(rest.StartsWith('/') ? Uri.EscapeDataString(rest).Replace("%2F", "/", StringComparison.Ordinal) : "/", request.QueryString.Value);
    }

    private static async Task ForwardAsync(HttpContext http, HttpMessageInvoker invoker, Uri address, CancellationToken ct)
    {
        using var request = HttpForward.Request(http.Request, address);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Uri", http.Request.Path.Value);
        using var response = await HttpForward.SendAsync(invoker, request, ct);
        await HttpForward.AnswerAsync(http.Response, response, ct);
    }
}
