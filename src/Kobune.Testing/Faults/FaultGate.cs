using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Pipeline;
using Kobune.ApiServer.Requests;

namespace Kobune.Testing.Faults;

/// <summary>The server's side of a <see cref="FaultPlan"/>.</summary>
internal sealed class FaultGate(FaultPlan plan) : IRequestGate
{
    public ValueTask<Status?> EnterAsync(ApiCall call, CancellationToken ct) => plan.EnterAsync(call, ct);

    public IWatchGate? OpenWatch(ApiCall call) => plan.Open(call);
}
