using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Pipeline;

/// <summary>Stands before the endpoints: what a test puts into the way of requests that were authorized. In production there is none.</summary>
public interface IRequestGate
{
    /// <summary>Lets a request pass (null), after a while if it likes, or refuses it.</summary>
    ValueTask<Status?> EnterAsync(ApiCall call, CancellationToken ct);

    /// <summary>What stands between a watch and its client; null for nothing.</summary>
    IWatchGate? OpenWatch(ApiCall call);
}

/// <summary>One watch that can be held back and ended.</summary>
public interface IWatchGate : IDisposable
{
    /// <summary>Ends the watch when it completes: with a Status as its last event, or without a word.</summary>
    Task<Status?> Cut { get; }

    /// <summary>Asked before each event; the event waits.</summary>
    ValueTask HoldAsync(CancellationToken ct);
}
