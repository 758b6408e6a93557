using System.Runtime.CompilerServices;
using Kobune.ApiServer.Metrics;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Counts requests, how long they take, those that run long, and the events of watches.</summary>
internal sealed class MetricsFilter(ApiMetrics metrics, TimeProvider time) : IApiFilter
{
    public async ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var code = 500;
        var streams = call.Info.Verb != "watch" && FairnessFilter.IsLongRunning(call.Info);
        if (streams)
        {
            metrics.LongRunning(call, 1);
        }

        try
        {
            var result = await next(call, ct);
            code = result.StatusCode;
            return result is WatchResult watch ? watch with { Events = CountAsync(call, watch, default) } : result;
        }
        catch (Errors.StatusException e)
        {
            code = e.Code;
            throw;
        }
        finally
        {
            if (streams)
            {
                metrics.LongRunning(call, -1);
            }

            metrics.Observe(call, code, time.GetElapsedTime(start));
        }
    }

    private async IAsyncEnumerable<WatchEvent> CountAsync(ApiCall call, WatchResult watch, [EnumeratorCancellation] CancellationToken ct)
    {
        var sent = metrics.WatchEvents(watch.Resource.Schema.Group, watch.Resource.Schema.Version, watch.Resource.Schema.Kind);
        metrics.LongRunning(call, 1);
        try
        {
            await foreach (var item in watch.Events.WithCancellation(ct))
            {
                Interlocked.Increment(ref sent[0]);
                yield return item;
            }
        }
        finally
        {
            metrics.LongRunning(call, -1);
        }
    }
}
