using System.Collections.ObjectModel;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace Kobune.Grpc;

/// <summary>
/// A gRPC client over one HTTP/2 connection that is made on first use and again after it broke. Calls may run in parallel.
/// A call that does not end with OK throws <see cref="RpcException"/>; cancelling the caller's token throws <see cref="OperationCanceledException"/>.
/// </summary>
public sealed class GrpcChannel : IDisposable
{
    private readonly HttpMessageInvoker _invoker;
    private readonly Uri _authority;
    private readonly GrpcChannelOptions _options;

    private GrpcChannel(Uri authority, EndPoint? endpoint, GrpcChannelOptions options)
    {
        _authority = authority;
        _options = options;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            ConnectTimeout = options.ConnectTimeout,
        };
        if (options.KeepAlive is { } keepAlive)
        {
            handler.KeepAlivePingDelay = keepAlive;
            handler.KeepAlivePingTimeout = keepAlive;
        }

        if (options.Tls is { } tls)
        {
            handler.SslOptions = tls;
        }

        if (endpoint is not null)
        {
            handler.ConnectCallback = (_, ct) => ConnectAsync(endpoint, ct);
        }

        _invoker = new HttpMessageInvoker(handler);
    }

    /// <summary>A channel to a server on a unix socket, in plain text.</summary>
    public static GrpcChannel ForUnixSocket(string path, GrpcChannelOptions? options = null) =>
        new(new Uri("http://localhost"), new UnixDomainSocketEndPoint(path), options ?? new());

    /// <summary>A channel to http://host:port (HTTP/2 without negotiation) or https://host:port.</summary>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions? options = null) => new(address, null, options ?? new());

    /// <summary>One request, one answer.</summary>
    public Task<TResponse> UnaryAsync<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> method, TRequest request, TimeSpan? timeout, CancellationToken ct)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        UnaryAsync(method, request, timeout, ReadOnlyDictionary<string, string>.Empty, ct);

    /// <summary>One request with headers of its own beside those of the channel, one answer.</summary>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, TimeSpan? timeout, IReadOnlyDictionary<string, string> headers, CancellationToken ct)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        using var deadline = new Deadline(timeout, _options.TimeProvider, ct);
        try
        {
            using var message = Request(method.FullName, Body(request), timeout);
            Add(message, headers);
            using var response = await _invoker.SendAsync(message, deadline.Token);
            GrpcStatus.ThrowIfNotGrpc(response);
            var stream = await response.Content.ReadAsStreamAsync(deadline.Token);
            await using var owned = stream;
            var (found, answer) = await GrpcFrame.ReadAsync(stream, method.ResponseParser, _options.MaxReceiveMessageSize, deadline.Token);
            await DrainAsync(stream, deadline.Token);
            GrpcStatus.ThrowIfFailed(response);
            return found ? answer! : throw new RpcException(StatusCode.Internal, "the server answered without a message");
        }
        catch (Exception e) when (Translate(e, deadline) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>One request, a stream of answers. The stream ends when the server ends it with OK.</summary>
    public async IAsyncEnumerable<TResponse> ServerStreamingAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, TimeSpan? timeout, [EnumeratorCancellation] CancellationToken ct)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        using var call = new GrpcStreamReader<TResponse>(method.ResponseParser, _options.MaxReceiveMessageSize, new Deadline(timeout, _options.TimeProvider, ct));
        using var message = Request(method.FullName, Body(request), timeout);
        await call.OpenAsync(_invoker, message);
        while (await call.ReadAsync() is { } answer)
        {
            yield return answer;
        }
    }

    /// <summary>Requests and answers as two streams. Client streaming is this with one answer.</summary>
    public GrpcDuplexCall<TRequest, TResponse> Duplex<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> method, TimeSpan? timeout, CancellationToken ct)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var content = new GrpcRequestStream<TRequest>();
        var message = Request(method.FullName, content, timeout);
        var reader = new GrpcStreamReader<TResponse>(method.ResponseParser, _options.MaxReceiveMessageSize, new Deadline(timeout, _options.TimeProvider, ct));
        return new GrpcDuplexCall<TRequest, TResponse>(content, reader, message, reader.OpenAsync(_invoker, message));
    }

    /// <summary>Closes the connection; calls in flight fail.</summary>
    public void Dispose() => _invoker.Dispose();

    internal static Exception? Translate(Exception e, Deadline deadline) => e switch
    {
        OperationCanceledException when deadline.Passed => new RpcException(StatusCode.DeadlineExceeded, "context deadline exceeded", e),
        HttpProtocolException p => new RpcException(StatusCode.Unavailable, p.Message, p),
        HttpRequestException { InnerException: HttpProtocolException p } => new RpcException(StatusCode.Unavailable, p.Message, e),
        HttpRequestException h => new RpcException(StatusCode.Unavailable, $"connection error: {h.Message}", e),
        IOException io => new RpcException(StatusCode.Unavailable, $"error reading from server: {io.Message}", e),
        _ => null,
    };

    internal static async ValueTask DrainAsync(Stream stream, CancellationToken ct)
    {
        var rest = new byte[16];
        while (await stream.ReadAsync(rest, ct) > 0)
        {
            // Trailers are there only after the end of the stream.
        }
    }

    private static async ValueTask<Stream> ConnectAsync(EndPoint endpoint, CancellationToken ct)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endpoint, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static ByteArrayContent Body(IMessage request)
    {
        var content = new ByteArrayContent(GrpcFrame.Encode(request));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        return content;
    }

    private static void Add(HttpRequestMessage message, IReadOnlyDictionary<string, string> headers)
    {
        foreach (var (name, value) in headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private HttpRequestMessage Request(string method, HttpContent content, TimeSpan? timeout)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, new Uri(_authority, "/" + method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        message.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        Add(message, _options.Headers);
        if (timeout is { } limit)
        {
            message.Headers.TryAddWithoutValidation("grpc-timeout", GrpcStatus.EncodeTimeout(limit));
        }

        return message;
    }
}
