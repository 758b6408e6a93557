using System.Net.Sockets;
using Kobune.Api;
using Kobune.Client.Transport;

namespace Kobune.Client;

/// <summary>
/// Retries as client-go's rest.Request does: an answer of 429 or 5xx with Retry-After, and a connection that could not be made or was reset
/// (the latter for reads alone, since a write may have happened), at most ten times.
/// </summary>
internal sealed class RetryingSender(ITransport transport, TimeProvider time)
{
    private const int MaxRetries = 10;
    private static readonly TimeSpan ConnectionRetry = TimeSpan.FromSeconds(1);

    /// <summary>The answer, always below 400.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task<ApiResponse> SendAsync(ApiRequest request, CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var response = await transport.SendAsync(request, ct);
                if (response.StatusCode < 400)
                {
                    return response;
                }

                if (response.RetryAfter is not { } after || attempt >= MaxRetries || response.StatusCode is not (429 or >= 500))
                {
                    throw ApiException.Of(response);
                }

                await Task.Delay(after, time, ct);
            }
            catch (HttpRequestException e) when (attempt < MaxRetries && IsWorthAnother(e, request))
            {
                await Task.Delay(ConnectionRetry, time, ct);
            }
        }
    }

    /// <summary>The list; pages that the caller asked for with a limit are the caller's.</summary>
    public async Task<ApiList> ListAsync(ApiRequest request, CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var list = await transport.ListAsync(request, ct);
                if (list.Error is null)
                {
                    return list;
                }

                var refusal = new ApiException(ApiException.StatusOf(list.StatusCode, list.Error.Json.Span));
                if (attempt >= MaxRetries || list.StatusCode != 429 || refusal.Status.Details?.RetryAfterSeconds is not (> 0 and var seconds))
                {
                    throw refusal;
                }

                await Task.Delay(TimeSpan.FromSeconds(seconds), time, ct);
            }
            catch (HttpRequestException e) when (attempt < MaxRetries && IsWorthAnother(e, request))
            {
                await Task.Delay(ConnectionRetry, time, ct);
            }
        }
    }

    private static bool IsWorthAnother(HttpRequestException error, ApiRequest request)
    {
        // Nothing was sent when the connection was refused; client-go retries that for every verb (IsConnectionRefused) and a reset for GET.
        var socket = error.InnerException as SocketException;
        return socket?.SocketErrorCode == SocketError.ConnectionRefused
            || (request.Method == "GET" && (socket?.SocketErrorCode == SocketError.ConnectionReset || error.HttpRequestError == HttpRequestError.ResponseEnded));
    }
}
