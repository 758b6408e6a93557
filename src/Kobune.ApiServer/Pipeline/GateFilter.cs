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
        return result is WatchResult watch && gate.OpenWatch(call) is { } between ? watch with { Events = Through(watch.Events, between) } : result;
    }

    private static async IAsyncEnumerable<WatchEvent> Through(IAsyncEnumerable<WatchEvent> events, IWatchGate gate, [EnumeratorCancellation] CancellationToken ct = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using (gate)
        {
            await using var source = events.GetAsyncEnumerator(stop.Token);
            while (true)
            {
                var next = source.MoveNextAsync().AsTask();
                if (await Task.WhenAny(next, gate.Cut) == gate.Cut)
                {
                    await EndAsync(next, stop);
                    if (await gate.Cut is { } why)
                    {
                        yield return new(WatchEventType.Error, null, why);
                    }

                    yield break;
                }

                if (!await next)
                {
                    yield break;
                }

                await gate.HoldAsync(ct);
                yield return source.Current;
            }
        }
    }

    /// <summary>An enumerator is not disposed of while it moves.</summary>
    private static async Task EndAsync(Task<bool> next, CancellationTokenSource stop)
    {
        await stop.CancelAsync();
        try
        {
            await next;
        }
        catch (OperationCanceledException)
        {
            // our own token
        }
    }
}
