using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Kobune.Grpc.Server;

/// <summary>Sends the answers of a streaming call, each at once.</summary>
public delegate ValueTask GrpcResponder<in TResponse>(TResponse response);

/// <summary>The server half: methods of a service as endpoints of a Kestrel that speaks HTTP/2 on TCP or on a unix socket.</summary>
public static class GrpcEndpoints
{
    private const int MaxRequestSize = 16 * 1024 * 1024;

    /// <summary>One request, one answer. An <see cref="RpcException"/> of the handler becomes the status of the call.</summary>
    public static IEndpointRouteBuilder MapUnary<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints, GrpcMethod<TRequest, TResponse> method, Func<TRequest, CancellationToken, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        endpoints.MapDuplex(method, async (requests, respond, ct) =>
        {
            await foreach (var request in requests.WithCancellation(ct))
            {
                await respond(await handler(request, ct));
                return;
            }

            throw new RpcException(StatusCode.Internal, "the call came without a message");
        });

    /// <summary>One request, a stream of answers that ends when the handler returns.</summary>
    public static IEndpointRouteBuilder MapServerStreaming<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints, GrpcMethod<TRequest, TResponse> method, Func<TRequest, GrpcResponder<TResponse>, CancellationToken, Task> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        endpoints.MapDuplex(method, async (requests, respond, ct) =>
        {
            await foreach (var request in requests.WithCancellation(ct))
            {
                await handler(request, respond, ct);
                return;
            }
        });

    /// <summary>A stream of requests and a stream of answers.</summary>
    public static IEndpointRouteBuilder MapDuplex<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints,
        GrpcMethod<TRequest, TResponse> method,
        Func<IAsyncEnumerable<TRequest>, GrpcResponder<TResponse>, CancellationToken, Task> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        endpoints.MapPost("/" + method.FullName, (RequestDelegate)(context => HandleAsync(context, method, handler)));
        return endpoints;
    }

    private static async Task HandleAsync<TRequest, TResponse>(
        HttpContext context,
        GrpcMethod<TRequest, TResponse> method,
        Func<IAsyncEnumerable<TRequest>, GrpcResponder<TResponse>, CancellationToken, Task> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var ct = context.RequestAborted;
        var response = context.Response;
        response.ContentType = "application/grpc";
        var status = (Code: StatusCode.OK, Detail: "");
        try
        {
            // Streams outlive the body rate and size limits that protect plain HTTP servers.
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = null;
            }

            await response.StartAsync(ct);
            await handler(ReadAllAsync(context.Request.Body, method.RequestParser, ct), RespondAsync, ct);
        }
        catch (RpcException e)
        {
            status = (e.StatusCode, e.Detail);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return; // the caller is gone: nobody reads a status
        }

        response.AppendTrailer("grpc-status", ((int)status.Code).ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (status.Detail.Length > 0)
        {
            response.AppendTrailer("grpc-message", GrpcStatus.Encode(status.Detail));
        }

        async ValueTask RespondAsync(TResponse answer)
        {
            await response.Body.WriteAsync(GrpcFrame.Encode(answer), ct);
            await response.Body.FlushAsync(ct);
        }
    }

    private static async IAsyncEnumerable<T> ReadAllAsync<T>(
        Stream body, MessageParser<T> parser, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
        where T : class, IMessage<T>
    {
        while (true)
        {
            var (found, message) = await GrpcFrame.ReadAsync(body, parser, MaxRequestSize, ct);
            if (!found)
            {
                yield break;
            }

            yield return message!;
        }
    }
}
