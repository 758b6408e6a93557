using System.Runtime.CompilerServices;
using System.Text;
using Kobune.ApiServer;
using Kobune.ApiServer.Authentication;
using Kobune.Client.Transport;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>The client's transport over a server in this process.</summary>
/// <param name="endpoint">The server.</param>
/// <param name="user">Who asks.</param>
/// <param name="aggregated">Answers of APIs that the server itself has not, by path and query; null leaves the request to the server.</param>
internal sealed class InProcessTransport(InProcessEndpoint endpoint, UserInfo user, Func<string, string?>? aggregated = null) : ITransport
{
    public async ValueTask<ApiResponse> SendAsync(ApiRequest request, CancellationToken ct)
    {
        if (aggregated?.Invoke(request.PathAndQuery) is { } text)
        {
            return new(200, new(Encoding.UTF8.GetBytes(text)));
        }

        var answer = await endpoint.SendAsync(Of(request), ct);
        return new(answer.StatusCode, answer.Body, answer.RetryAfter);
    }

    public async ValueTask<ApiList> ListAsync(ApiRequest request, CancellationToken ct)
    {
        var list = await endpoint.ListAsync(Of(request), ct);
        return new(list.Items, list.ResourceVersion, list.Continue, list.Error, list.StatusCode);
    }

    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(ApiRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var (type, obj) in endpoint.WatchAsync(Of(request), ct))
        {
            yield return new(type, obj);
        }
    }

    public ValueTask<ApiUpgrade> UpgradeAsync(ApiRequest request, string protocol, CancellationToken ct) => throw new NotSupportedException();

    private InProcessRequest Of(ApiRequest request) => new(user, request.Method, request.PathAndQuery, request.Body, request.ContentType, "kube-controller-manager") { Headers = request.Headers };
}
