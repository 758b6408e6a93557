using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;
using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Handlers;

/// <summary>pods/proxy, services/proxy and nodes/proxy: the request goes on to the target as it came, without its credentials.</summary>
internal sealed class ProxyEndpoint(IOutboundConnector? connector, ServerContext server) : IConnectEndpoint
{
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Host", "Authorization", "Content-Length",
    };

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
        var wanted = service.Spec.Ports.FirstOrDefault(p => port.Length == 0 ? service.Spec.Ports.Count == 1 || p.Name.Length == 0 : p.Name == port || p.Port.ToString(CultureInfo.InvariantCulture) == port)
            ?? throw StatusErrors.ServiceUnavailable($"no service port \"{port}\" found for service \"{name}\"");
        foreach (var slice in server.Objects.List<EndpointSlice>(info.Namespace))
        {
            if (slice.Metadata.Labels.GetValueOrDefault("kubernetes.io/service-name") != name || slice.Ports.FirstOrDefault(p => (p.Name ?? "") == wanted.Name) is not { Port: { } number })
            {
                continue;
            }

            var ready = slice.Endpoints.Where(e => e.Conditions.Ready != false && e.Addresses.Count > 0).ToArray();
            if (ready.Length > 0)
            {
                return new(OutboundPurpose.Service, ready[Random.Shared.Next(ready.Length)].Addresses[0], number, tls);
            }
        }

        throw StatusErrors.ServiceUnavailable($"no endpoints available for service \"{info.Name}\"");
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
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), address);
        if (http.Request.ContentLength is > 0 || http.Request.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(http.Request.Body);
        }

        foreach (var (name, values) in http.Request.Headers)
        {
            if (!HopByHop.Contains(name) && !name.StartsWith(':') && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!);
            }
        }

        request.Headers.TryAddWithoutValidation("X-Forwarded-Uri", http.Request.Path.Value);
        try
        {
            using var response = await invoker.SendAsync(request, ct);
            http.Response.StatusCode = (int)response.StatusCode;
            foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(h => !HopByHop.Contains(h.Key)))
            {
                http.Response.Headers.Append(name, values.ToArray());
            }

            await using var body = await response.Content.ReadAsStreamAsync(ct);
            await body.CopyToAsync(http.Response.Body, ct);
        }
        catch (HttpRequestException e)
        {
            throw StatusErrors.ServiceUnavailable($"error trying to reach service: {e.InnerException?.Message ?? e.Message}");
        }
    }
}
