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
        return CountAsync(request, r => inner.SendAsync(r, ct), a => a.StatusCode);
    }

    /// <inheritdoc/>
    public ValueTask<ApiList> ListAsync(ApiRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        return CountAsync(request, r => inner.ListAsync(r, ct), a => a.StatusCode);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(ApiRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var isCounted = false;
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
        return CountAsync(request, r => inner.UpgradeAsync(r, protocol, ct), a => a.Refusal?.StatusCode ?? 101);
    }

    private static int CodeOf(EncodedObject status) => status.Read<Api.Meta.V1.Status>().Code;

    private async ValueTask<T> CountAsync<T>(ApiRequest request, Func<ApiRequest, ValueTask<T>> send, Func<T, int> code)
    {
        var start = metrics.Start();
        var answered = 0;
        try
        {
            var answer = await send(request);
            answered = code(answer);
            return answer;
        }
        finally
        {
            metrics.Answered(request.Method, answered, start);
        }
    }
}
