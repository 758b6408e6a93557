using System.Runtime.CompilerServices;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Asks the gate of a test, last before the endpoint.</summary>
internal sealed class GateFilter(IRequestGate gate) : IApiFilter
{
    public async ValueTask<ApiResult> InvokeAsync(ApiCall call, ApiHandler next, CancellationToken ct)
    {
        if (await gate.EnterAsync(call, ct) is { } refusal)
        {
            throw new StatusException(refusal);
        }

        var result = await next(call, ct);
        return result is WatchResult watch && gate.OpenWatch(call) is { } between ? watch with { Events = Through(watch.Events, between, CancellationToken.None) } : result;
    }

    private static async IAsyncEnumerable<WatchEvent> Through(IAsyncEnumerable<WatchEvent> events, IWatchGate gate, [EnumeratorCancellation] CancellationToken ct = default)
    {
        using (gate)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, gate.Cut);
            await using var source = events.GetAsyncEnumerator(stop.Token);
            while (await MoveAsync(source, gate, ct))
            {
                yield return source.Current;
            }

            if (gate is { Cut.IsCancellationRequested: true, Why: { } why })
            {
                yield return new(WatchEventType.Error, null, why);
            }
        }
    }

    private static async ValueTask<bool> MoveAsync(IAsyncEnumerator<WatchEvent> source, IWatchGate gate, CancellationToken ct)
    {
        try
        {
            if (!await source.MoveNextAsync())
            {
                return false;
            }

            await gate.HoldAsync(ct);
            return !gate.Cut.IsCancellationRequested;
        }
        catch (OperationCanceledException) when (gate.Cut.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
