using Kobune.Api.Features;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Outbound;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Handlers;

/// <summary>pods/log: the kubelet's stream, passed on as it comes.</summary>
internal sealed class LogEndpoint(IOutboundConnector? connector, ServerContext server) : IConnectEndpoint
{
    private static readonly string[] Passed = ["follow", "previous", "sinceSeconds", "sinceTime", "timestamps", "tailLines", "limitBytes", "insecureSkipTLSVerifyBackend", "stream"];

    public bool Serves(ServedResource resource, string subresource) => subresource == "log" && resource.Schema is { Group: "", Plural: "pods" };

    public async ValueTask<ApiResult> ConnectAsync(ApiCall call, ServedResource resource, CancellationToken ct)
    {
        if (call.Method != "GET")
        {
            throw StatusErrors.MethodNotAllowed();
        }

        Check(call.Query, call.Info.Name, server.Features);
        var pod = await ConnectEndpoints.PodAsync(server, call.Info, call.Info.Name, ct);
        var container = ConnectEndpoints.Container(pod, call.Query.Get("container"));
        if (pod.Spec.NodeName.Length == 0)
        {
            return new BytesResult("text/plain", default, 204); // not on a node yet: nothing was written
        }

        var (invoker, address) = await ConnectEndpoints.Required(connector).ConnectAsync(new OutboundTarget(OutboundPurpose.Kubelet, pod.Spec.NodeName, 0, true), ct);
        var query = call.Query.Items.Where(p => Passed.Contains(p.Key) && p.Value.Length > 0).Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}");
        var path = $"/containerLogs/{pod.Metadata.Namespace}/{pod.Metadata.Name}/{container}?{string.Join('&', query)}";
        var response = await SendAsync(invoker, new Uri(address, path), ct);
        if (!response.IsSuccessStatusCode)
        {
            using (response)
            {
                throw await ConnectEndpoints.RefusalAsync(response, ct);
            }
        }

        return new StreamResult("text/plain", (output, token) => CopyAsync(response, output, token));
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker invoker, Uri address, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        try
        {
            return await invoker.SendAsync(request, ct);
        }
        catch (Exception e) when (DialFailure.Is(e))
        {
            throw StatusErrors.InternalError($"Get \"{address}\": {DialFailure.Words(e, address)}");
        }
    }

    private static async Task CopyAsync(HttpResponseMessage response, Stream output, CancellationToken ct)
    {
        using (response)
        {
            await using var input = await response.Content.ReadAsStreamAsync(ct);
            var buffer = new byte[32 * 1024];
            int read;
            while ((read = await input.ReadAsync(buffer, ct)) > 0)
            {
                await output.WriteAsync(buffer.AsMemory(0, read), ct);
                await output.FlushAsync(ct);
            }
        }
    }

    private static void Check(QueryValues query, string name, FeatureGates features)
    {
        var errors = new FieldErrors();
        try
        {
            if (query.Number("tailLines") is < 0 and { } lines)
            {
                errors.Invalid("tailLines", lines, "must be greater than or equal to 0");
            }

            if (query.Number("limitBytes") is < 1 and { } bytes)
            {
                errors.Invalid("limitBytes", bytes, "must be greater than 0");
            }

            CheckStream(query, features, errors);
            var since = query.Number("sinceSeconds");
            if (since is not null && query.Get("sinceTime").Length > 0)
            {
                errors.Forbidden("sinceSeconds", "at most one of `sinceTime` or `sinceSeconds` may be specified");
            }
            else if (since is < 1)
            {
                errors.Invalid("sinceSeconds", since, "must be greater than 0");
            }
        }
        catch (FormatException e)
        {
            throw StatusErrors.BadRequest(e.Message);
        }

        if (errors.Items.Count > 0)
        {
            throw StatusErrors.Invalid("", "PodLogOptions", name, errors);
        }
    }

    private static void CheckStream(QueryValues query, FeatureGates features, FieldErrors errors)
    {
        if (query.Find("stream") is not { } stream)
        {
            return;
        }

        if (!features.IsEnabled("PodLogsQuerySplitStreams"))
        {
            errors.Forbidden("stream", "may not be specified");
        }
        else if (stream is not ("All" or "Stdout" or "Stderr"))
        {
            errors.NotSupported("stream", stream, ["All", "Stderr", "Stdout"]);
        }
        else if (stream != "All" && query.Number("tailLines") is not null)
        {
            errors.Forbidden("tailLines", "`tailLines` and specific `stream` are mutually exclusive for now");
        }
    }
}
