using Kobune.Api.Clocks;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Pipeline;
using Kobune.ApiServer.Requests;

namespace Kobune.Testing.Faults;

/// <summary>A watch that the plan can end and hold back.</summary>
internal sealed class OpenWatch(FaultPlan plan, ApiCall call, long number) : IWatchGate
{
    private readonly CancellationTokenSource _cut = new();

    public ApiCall Call => call;

    /// <summary>In the order in which they were opened.</summary>
    public long Number => number;

    public CancellationToken Cut => _cut.Token;

    public Status? Why { get; private set; }

    public void CutBy(Status? why)
    {
        Why = why;
        _cut.Cancel();
    }

    public async ValueTask HoldAsync(CancellationToken ct)
    {
        while (plan.Holding(call) is { } released && !_cut.IsCancellationRequested)
        {
            var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var on = released.Ends(end);
            using var cut = _cut.Token.Ends(end);
            using var cancelled = ct.Cancels(end);
            await end.Task;
        }
    }

    public void Dispose()
    {
        plan.Close(this);
        _cut.Dispose();
    }
}
