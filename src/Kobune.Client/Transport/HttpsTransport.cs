using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;

namespace Kobune.Client.Transport;

/// <summary>The API over HTTPS: HTTP/2 where the server offers it, HTTP/1.1 for upgrades.</summary>
public sealed class HttpsTransport : ITransport, IDisposable
{
    private const string Json = "application/json";
    private readonly HttpsTransportOptions _options;
    private readonly string _base;
    private readonly HttpMessageInvoker _http;

    /// <summary>Makes connections when the first request needs one.</summary>
    public HttpsTransport(HttpsTransportOptions options)
    {
        _options = options;
        _base = options.Server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            SslOptions = ClientTls.Of(options),
            EnableMultipleHttp2Connections = true,
            AutomaticDecompression = DecompressionMethods.GZip,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            KeepAlivePingDelay = TimeSpan.FromSeconds(30), // client-go's HTTP2 read idle timeout: notices a server that vanished under an idle watch
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ConnectTimeout = TimeSpan.FromSeconds(30),
        });
    }

    /// <inheritdoc/>
    public async ValueTask<ApiResponse> SendAsync(ApiRequest request, CancellationToken ct)
    {
        using var message = Message(request);
        using var response = await SendAsync(message, ct);
        return await WholeAsync(response, ct);
    }

    /// <inheritdoc/>
    public async ValueTask<ApiList> ListAsync(ApiRequest request, CancellationToken ct)
    {
        var response = await SendAsync(request, ct);
        return response.StatusCode >= 400
            ? new([], "", null, response.Body, response.StatusCode)
            : ListBody.Parse(response.Body.Json);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(ApiRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        using var message = Message(request);
        message.Headers.AcceptEncoding.Add(new("identity"));
        var (response, unreachable) = await TrySendAsync(message, ct);
        if (response is null)
        {
            yield return Error(503, StatusReason.ServiceUnavailable, unreachable!);
            yield break;
        }

        using (response)
        {
            if ((int)response.StatusCode >= 400)
            {
                var refusal = await WholeAsync(response, ct);
                yield return new(WatchEventType.Error, Encode(ApiException.StatusOf(refusal.StatusCode, refusal.Body.Json.Span)));
                yield break;
            }

            await using var stream = await response.Content.ReadAsStreamAsync(ct);
            await using var events = WatchLines.ReadAsync(stream, ct).GetAsyncEnumerator(ct);
            while (true)
            {
                var (more, broken) = await NextAsync(events);
                if (broken is not null)
                {
                    yield return Error(503, StatusReason.ServiceUnavailable, broken);
                    yield break;
                }

                if (!more)
                {
                    yield break;
                }

                yield return events.Current;
                if (events.Current.Type == WatchEventType.Error)
                {
                    yield break;
                }
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ApiUpgrade> UpgradeAsync(ApiRequest request, string protocol, CancellationToken ct)
    {
        using var message = Message(request);
        message.Version = HttpVersion.Version11;
        message.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        message.Headers.Connection.Add("Upgrade");
        message.Headers.TryAddWithoutValidation("Upgrade", protocol);
        var response = await SendAsync(message, ct);
        if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            var chosen = Header(response, "Sec-WebSocket-Protocol") ?? Header(response, "X-Stream-Protocol-Version");
            return new(await response.Content.ReadAsStreamAsync(ct), chosen, null); // the stream owns the connection
        }

        using (response)
        {
            return new(null, null, await WholeAsync(response, ct));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static async ValueTask<(bool More, string? Broken)> NextAsync(IAsyncEnumerator<ApiWatchEvent> events)
    {
        try
        {
            return (await events.MoveNextAsync(), null);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return (false, e.Message);
        }
    }

    private static async Task<ApiResponse> WholeAsync(HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            var body = await response.Content.ReadAsByteArrayAsync(ct);
            return new((int)response.StatusCode, new EncodedObject(body), response.Headers.RetryAfter?.Delta);
        }
        catch (IOException e)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "the answer was cut off: " + e.Message, e);
        }
    }

    private static ApiWatchEvent Error(int code, string reason, string message) =>
        new(WatchEventType.Error, Encode(new Status { StatusValue = "Failure", Code = code, Reason = reason, Message = message }));

    private static EncodedObject Encode(Status status) => new(JsonText.Bytes(status));

    private async Task<(HttpResponseMessage? Response, string? Unreachable)> TrySendAsync(HttpRequestMessage message, CancellationToken ct)
    {
        try
        {
            return (await SendAsync(message, ct), null);
        }
        catch (HttpRequestException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>The answer with its headers; the body is still to come.</summary>
    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken ct) => _http.SendAsync(message, ct);

    private HttpRequestMessage Message(ApiRequest request)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.Method), _base + request.PathAndQuery)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent);
        if (!request.Headers.ContainsKey("Accept"))
        {
            message.Headers.TryAddWithoutValidation("Accept", Json);
        }

        if (_options.BearerToken?.Invoke() is { } token)
        {
            message.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        }

        if (!request.Body.IsEmpty)
        {
            message.Content = new ReadOnlyMemoryContent(request.Body);
            message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(request.ContentType ?? Json);
        }

        foreach (var (name, value) in request.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }
}
