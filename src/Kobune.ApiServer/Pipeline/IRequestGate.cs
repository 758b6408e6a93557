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
    /// <summary>Ends the watch.</summary>
    CancellationToken Cut { get; }

    /// <summary>The last event of a watch that was ended; null for an end without a word.</summary>
    Status? Why { get; }

    /// <summary>Asked before each event; the event waits.</summary>
    ValueTask HoldAsync(CancellationToken ct);
}
