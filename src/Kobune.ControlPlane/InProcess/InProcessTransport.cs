using System.Runtime.CompilerServices;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer;
using Kobune.ApiServer.Authentication;
using Kobune.Client.Transport;

namespace Kobune.ControlPlane.InProcess;

/// <summary>The client library's way to an API server in the same process: no HTTP and no TLS, but the same pipeline under an identity of its own.</summary>
internal sealed class InProcessTransport(InProcessEndpoint server, UserInfo user, string userAgent) : ITransport
{
    public async ValueTask<ApiResponse> SendAsync(ApiRequest request, CancellationToken ct)
    {
        var answer = await server.SendAsync(Of(request), ct);
        return new(answer.StatusCode, answer.Body, answer.RetryAfter);
    }

    public async ValueTask<ApiList> ListAsync(ApiRequest request, CancellationToken ct)
    {
        var list = await server.ListAsync(Of(request), ct);
        return new(list.Items, list.ResourceVersion, list.Continue, list.Error, list.StatusCode);
    }

    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(ApiRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var (type, item) in server.WatchAsync(Of(request), ct))
        {
            yield return new(type, item);
        }
    }

    /// <summary>Streams of pods need a connection: components that want one use the HTTPS transport.</summary>
    public ValueTask<ApiUpgrade> UpgradeAsync(ApiRequest request, string protocol, CancellationToken ct)
    {
        var status = new Status { StatusValue = "Failure", Reason = "NotAcceptable", Code = 406, Message = "connections cannot be upgraded in-process" };
        return new(new ApiUpgrade(null, null, new ApiResponse(406, new EncodedObject(JsonText.Bytes(status)))));
    }

    private InProcessRequest Of(ApiRequest request) =>
        new(user, request.Method, request.PathAndQuery, request.Body, request.ContentType, userAgent) { Headers = request.Headers };
}
