using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Metrics;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Without priority and fairness: bounds how many requests are served at once, reads and writes apart. One too many is refused, but for administrators;
/// 0 is no bound. Source: k8s.io/apiserver, server/filters (maxinflight.go).</summary>
internal sealed class InFlightFilter(int maxReads, int maxWrites, ApiMetrics metrics) : IApiFilter
{
    private int _reads;
    private int _writes;

    public ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct)
    {
        if (FairnessFilter.IsLongRunning(call.Info))
        {
            return next(call, ct);
        }

        var isRead = FairnessFilter.IsRead(call.Info);
        var (now, most) = isRead ? (Interlocked.Increment(ref _reads), maxReads) : (Interlocked.Increment(ref _writes), maxWrites);
        if (most > 0 && now > most && !call.User!.Groups.Contains("system:masters"))
        {
            Leave(isRead);
            throw StatusErrors.Overloaded(1);
        }

        metrics.InFlight(!isRead, 1);
        call.OnFinished(() =>
        {
            metrics.InFlight(!isRead, -1);
            Leave(isRead);
        });
        return next(call, ct);
    }

    private void Leave(bool isRead) => _ = isRead ? Interlocked.Decrement(ref _reads) : Interlocked.Decrement(ref _writes);
}
