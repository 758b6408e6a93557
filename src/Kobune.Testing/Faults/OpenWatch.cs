using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Pipeline;
using Kobune.ApiServer.Requests;

namespace Kobune.Testing.Faults;

/// <summary>A watch that the plan can end and hold back.</summary>
internal sealed class OpenWatch(FaultPlan plan, ApiCall call, long number) : IWatchGate
{
    private readonly TaskCompletionSource<Status?> _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ApiCall Call => call;

    /// <summary>In the order in which they were opened.</summary>
    public long Number => number;

    public Task<Status?> Cut => _cut.Task;

    public void CutBy(Status? why) => _cut.TrySetResult(why);

    public async ValueTask HoldAsync(CancellationToken ct)
    {
        while (plan.Holding(call) is { } held && !_cut.Task.IsCompleted)
        {
            await Task.WhenAny(held, _cut.Task).WaitAsync(ct);
        }
    }

    public void Dispose() => plan.Close(this);
}
