using Kobune.Api.Core.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>The subresources that connect a client with a kubelet, a pod or a Service, and what they share.</summary>
internal static class ConnectEndpoints
{
    public static IReadOnlyList<IConnectEndpoint> Of(ApiServerOptions options, ServerContext server) =>
    [
        new LogEndpoint(options.Outbound, server),
        new PodStreamConnect(options.Outbound, server),
        new ProxyEndpoint(options.Outbound, server),
    ];

    /// <summary>The connector, or the refusal of a server that has none.</summary>
    public static IOutboundConnector Required(IOutboundConnector? connector) =>
        connector ?? throw StatusErrors.ServiceUnavailable("this server has no way to nodes and pods");

    public static async ValueTask<Pod> PodAsync(ServerContext server, RequestInfo info, string name, CancellationToken ct) =>
        await server.Objects.GetAsync<Pod>(info.Namespace, name, ct) ?? throw StatusErrors.NotFound("", "pods", name);

    /// <summary>Asks admission about a connection.</summary>
    public static async ValueTask AdmitAsync(ServerContext server, ApiCall call, ServedResource resource, CancellationToken ct)
    {
        var write = new WriteRequest(call, resource, new WriteOptions(false, "", FieldValidation.Ignore));
        var admission = write.Admission(AdmissionOperation.Connect, ConnectOptions.Of(call, resource), null, call.Info.Name, new AllocationPlan(), server.Objects);
        await server.Admission.MutateAsync(admission, ct);
        await server.Admission.ValidateAsync(admission, ct);
        write.Warn(admission);
    }

    /// <summary>The container that a request means. Source: k8s.io/kubernetes, registry/core/pod, LogLocation and streamLocation.</summary>
    public static string Container(Pod pod, string asked)
    {
        var regular = pod.Spec.Containers.Select(c => c.Name).ToArray();
        var init = pod.Spec.InitContainers.Select(c => c.Name).ToArray();
        var ephemeral = pod.Spec.EphemeralContainers.Select(c => c.Name).ToArray();
        if (asked.Length > 0)
        {
            return regular.Contains(asked) || init.Contains(asked) || ephemeral.Contains(asked)
                ? asked
                : throw StatusErrors.BadRequest($"container {asked} is not valid for pod {pod.Metadata.Name}");
        }

        if (regular.Length == 1)
        {
            return regular[0];
        }

        var choices = $"a container name must be specified for pod {pod.Metadata.Name}, choose one of: [{string.Join(" ", regular)}]";
        choices += init.Length > 0 ? $" or one of the init containers: [{string.Join(" ", init)}]" : "";
        choices += ephemeral.Length > 0 ? $" or one of the ephemeral containers: [{string.Join(" ", ephemeral)}]" : "";
        throw StatusErrors.BadRequest(choices);
    }

    /// <summary>An answer of a kubelet that is no success, in its own words.</summary>
    public static async ValueTask<StatusException> RefusalAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var text = (await response.Content.ReadAsStringAsync(ct)).Trim();
        var code = (int)response.StatusCode;
        var reason = code switch
        {
            400 => "BadRequest",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "NotFound",
            405 => "MethodNotAllowed",
            503 => "ServiceUnavailable",
            504 => "Timeout",
            _ => "InternalError",
        };
        return StatusErrors.Of(code, reason, text.Length > 0 ? text : $"the server responded with the status code {code} but did not return more information");
    }
}
