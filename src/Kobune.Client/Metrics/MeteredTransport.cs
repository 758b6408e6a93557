using System.Runtime.CompilerServices;
using Kobune.Api;
using Kobune.Client.Transport;

namespace Kobune.Client.Metrics;

/// <summary>Counts what goes over a transport.</summary>
public sealed class MeteredTransport(ITransport inner, RequestMetrics metrics) : ITransport
{
    /// <inheritdoc/>
    public ValueTask<ApiResponse> SendAsync(ApiRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        return CountAsync(request, r => inner.SendAsync(r, ct), a => (a.StatusCode, a.Body.Json.Length));
    }

    /// <inheritdoc/>
    public ValueTask<ApiList> ListAsync(ApiRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        return CountAsync(request, r => inner.ListAsync(r, ct), a => (a.StatusCode, SizeOf(a)));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(ApiRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var isCounted = false;
        metrics.Sent(request.Method, request.Body.Length);
        await foreach (var happened in inner.WatchAsync(request, ct))
        {
            if (!isCounted)
            {
                isCounted = true;
                metrics.Began(request.Method, happened.Type == "ERROR" ? CodeOf(happened.Object) : 200);
            }

            yield return happened;
        }
    }

    /// <inheritdoc/>
    public ValueTask<ApiUpgrade> UpgradeAsync(ApiRequest request, string protocol, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        return CountAsync(request, r => inner.UpgradeAsync(r, protocol, ct), a => a.Refusal is { } refusal ? (refusal.StatusCode, refusal.Body.Json.Length) : (101, null));
    }

    private static int CodeOf(EncodedObject status) => status.Read<Api.Meta.V1.Status>().Code;

    /// <summary>The objects of a list, which are its bulk; in-process no other bytes of it are ever made.</summary>
    private static long SizeOf(ApiList list) => list.Error is { } error ? error.Json.Length : list.Items.Sum(i => (long)i.Json.Length);

    private async ValueTask<T> CountAsync<T>(ApiRequest request, Func<ApiRequest, ValueTask<T>> send, Func<T, (int Code, long? Bytes)> tell)
    {
        var start = metrics.Start();
        var answered = 0;
        metrics.Sent(request.Method, request.Body.Length);
        try
        {
            var answer = await send(request);
            (answered, var received) = tell(answer);
            if (received is { } bytes)
            {
                metrics.Received(request.Method, bytes);
            }

            return answer;
        }
        finally
        {
            metrics.Answered(request.Method, answered, start);
        }
    }
}
