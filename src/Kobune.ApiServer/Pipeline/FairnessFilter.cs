using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Metrics;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Bounds how many requests run at once, reads and writes apart (upstream's max-in-flight limits). One too many waits a while, then gets 429 with Retry-After.
/// Watches and streams run as long as they like and do not count.</summary>
internal sealed class FairnessFilter(int maxReads, int maxWrites, ApiMetrics metrics, TimeProvider time) : IApiFilter, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _reads = new(maxReads);
    private readonly SemaphoreSlim _writes = new(maxWrites);

    public async ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct)
    {
        if (IsLongRunning(call.Info) || call.User!.Groups.Contains("system:masters"))
        {
            return await next(call, ct);
        }

        var isWrite = call.Info.Verb is not ("get" or "list" or "head" or "options");
        var slots = isWrite ? _writes : _reads;
        if (!slots.Wait(0, ct) && !await WaitAsync(slots, ct))
        {
            throw StatusErrors.TooManyRequests("Too many requests, please try again later.", 1);
        }

        metrics.InFlight(isWrite, 1);
        try
        {
            return await next(call, ct);
        }
        finally
        {
            metrics.InFlight(isWrite, -1);
            slots.Release();
        }
    }

    public void Dispose()
    {
        _reads.Dispose();
        _writes.Dispose();
    }

    /// <summary>Upstream's long-running requests: watch and proxy verbs, and the streaming subresources.</summary>
    public static bool IsLongRunning(RequestInfo info) =>
        info.Verb is "watch" or "proxy" || info.Subresource is "attach" or "exec" or "proxy" or "log" or "portforward";

    private async ValueTask<bool> WaitAsync(SemaphoreSlim slots, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            await slots.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
