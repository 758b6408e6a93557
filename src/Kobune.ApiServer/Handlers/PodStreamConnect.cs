using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Streaming;

namespace Kobune.ApiServer.Handlers;

/// <summary>pods/exec, attach and portforward: finds the kubelet and hands the connection over to <see cref="PodStreamEndpoint"/>.</summary>
internal sealed class PodStreamConnect(IOutboundConnector? connector, ServerContext server) : IConnectEndpoint
{
    public bool Serves(ServedResource resource, string subresource) =>
        subresource is "exec" or "attach" or "portforward" && resource.Schema is { Group: "", Plural: "pods" };

    public async ValueTask<ApiResult> ConnectAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        if (call.Info.Verb is not ("get" or "create"))
        {
            throw StatusErrors.MethodNotAllowed();
        }

        await ConnectEndpoints.AdmitAsync(server, call, resource, ct);
        var pod = await ConnectEndpoints.PodAsync(server, call.Info, call.Info.Name, ct);
        var kind = call.Info.Subresource switch
        {
            "exec" => PodStreamKind.Exec,
            "attach" => PodStreamKind.Attach,
            _ => PodStreamKind.PortForward,
        };
        var container = kind == PodStreamKind.PortForward ? "" : ConnectEndpoints.Container(pod, call.Query.Get("container"));
        if (pod.Spec.NodeName.Length == 0)
        {
            throw StatusErrors.BadRequest($"pod {pod.Metadata.Name} does not have a host assigned");
        }

        var http = call.Http ?? throw StatusErrors.BadRequest("Upgrade request required");
        var (invoker, address) = await ConnectEndpoints.Required(connector).ConnectAsync(new OutboundTarget(OutboundPurpose.Kubelet, pod.Spec.NodeName, 0, true), ct);
        var path = kind switch
        {
            PodStreamKind.Exec => $"/exec/{pod.Metadata.Namespace}/{pod.Metadata.Name}/{container}",
            PodStreamKind.Attach => $"/attach/{pod.Metadata.Namespace}/{pod.Metadata.Name}/{container}",
            _ => $"/portForward/{pod.Metadata.Namespace}/{pod.Metadata.Name}",
        };
        return await PodStreamEndpoint.ServeAsync(http, kind, invoker, new Uri(address, $"{path}?{Parameters(call.Query, kind)}"), ct)
            ? new TakenOverResult()
            : throw StatusErrors.BadRequest("Upgrade request required");
    }

    /// <summary>The kubelet's names of the parameters.</summary>
    private static string Parameters(QueryValues query, PodStreamKind kind)
    {
        if (kind == PodStreamKind.PortForward)
        {
            return string.Join('&', query.GetAll("ports").SelectMany(p => p.Split(',')).Select(p => $"port={Uri.EscapeDataString(p)}"));
        }

        var parameters = new List<string>();
        foreach (var (flag, name) in new[] { ("stdin", "input"), ("stdout", "output"), ("stderr", "error"), ("tty", "tty") })
        {
            if (query.Flag(flag))
            {
                parameters.Add($"{name}=1");
            }
        }

        if (kind == PodStreamKind.Exec)
        {
            parameters.AddRange(query.GetAll("command").Select(c => $"command={Uri.EscapeDataString(c)}"));
        }

        return string.Join('&', parameters);
    }
}
