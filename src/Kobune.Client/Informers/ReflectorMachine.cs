using Kobune.Api.Meta.V1;

namespace Kobune.Client.Informers;

/// <summary>What a reflector does next.</summary>
internal enum ReflectorPhase
{
    /// <summary>Ask for the whole set.</summary>
    List,

    /// <summary>Ask for the whole set as the start of a watch (sendInitialEvents).</summary>
    StreamingList,

    /// <summary>Follow changes from the revision.</summary>
    Watch,
}

/// <summary>How a step of a reflector ended.</summary>
internal enum ReflectorOutcome
{
    /// <summary>The whole set is in; watch from its revision.</summary>
    Listed,

    /// <summary>The server ended the watch after its time, or after events.</summary>
    WatchEnded,

    /// <summary>A watch ended at once without any event: something is wrong although nobody says so.</summary>
    WatchEndedAtOnce,

    /// <summary>The revision is no longer served (410), or ahead of the server.</summary>
    Expired,

    /// <summary>The server does not do streaming lists.</summary>
    StreamingRefused,

    /// <summary>The server could not be reached, is overloaded or is shutting down: the state is still good.</summary>
    Unavailable,

    /// <summary>Another refusal.</summary>
    Failed,
}

/// <summary>Where a reflector stands. A value: <see cref="ReflectorMachine.Next"/> makes the next one.</summary>
/// <param name="Phase">What to do.</param>
/// <param name="Revision">Last revision seen; for a list the oldest acceptable one ("" = the newest, "0" = any).</param>
/// <param name="Failures">Failures in a row.</param>
internal readonly record struct ReflectorState(ReflectorPhase Phase, string Revision, int Failures, bool Streaming)
{
    public static ReflectorState Start(bool streaming) => new(streaming ? ReflectorPhase.StreamingList : ReflectorPhase.List, "0", 0, streaming);
}

/// <summary>The transitions of list, watch and relist, without I/O. Source: client-go, tools/cache, Reflector.</summary>
internal static class ReflectorMachine
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);

    /// <summary>The state after an outcome; <paramref name="revision"/> is the last one seen.</summary>
    public static ReflectorState Next(ReflectorState state, ReflectorOutcome outcome, string revision) => outcome switch
    {
        ReflectorOutcome.Listed => state with { Phase = ReflectorPhase.Watch, Revision = revision, Failures = 0 },
        ReflectorOutcome.WatchEnded => state with { Phase = ReflectorPhase.Watch, Revision = revision, Failures = 0 },
        ReflectorOutcome.WatchEndedAtOnce => state with { Revision = revision, Failures = state.Failures + 1 },
        ReflectorOutcome.Expired => Relist(state, "") with { Failures = state.Failures + 1 },
        ReflectorOutcome.StreamingRefused => state with { Phase = ReflectorPhase.List, Streaming = false },
        ReflectorOutcome.Unavailable => state with { Revision = revision, Failures = state.Failures + 1 },
        _ => Relist(state, revision) with { Failures = state.Failures + 1 },
    };

    /// <summary>How long to wait before the step: nothing after success, else doubling from 100 ms to 30 s, with jitter so that clients do not come together.</summary>
    /// <param name="jitter">0 to 1.</param>
    public static TimeSpan Delay(ReflectorState state, double jitter)
    {
        if (state.Failures == 0)
        {
            return TimeSpan.Zero;
        }

        var delay = FirstDelay * Math.Pow(2, Math.Min(state.Failures - 1, 16));
        return (delay < MaxDelay ? delay : MaxDelay) * (0.5 + (0.5 * jitter));
    }

    /// <summary>What a Status means for a reflector.</summary>
    public static ReflectorOutcome Classify(Status status, ReflectorPhase phase)
    {
        if (status.Reason is StatusReason.Expired or StatusReason.Gone || status.Code == 410 || IsTooLarge(status))
        {
            return ReflectorOutcome.Expired;
        }

        if (phase == ReflectorPhase.StreamingList && status.Reason is StatusReason.Invalid or StatusReason.BadRequest)
        {
            return ReflectorOutcome.StreamingRefused;
        }

        return status.Code is 429 or 503 or 504 || status.Reason is StatusReason.TooManyRequests or StatusReason.ServiceUnavailable or StatusReason.Timeout or StatusReason.ServerTimeout
            ? ReflectorOutcome.Unavailable
            : ReflectorOutcome.Failed;
    }

    private static bool IsTooLarge(Status status) => status.Details is { } details && details.Causes.Any(c => c.Type == "ResourceVersionTooLarge");

    private static ReflectorState Relist(ReflectorState state, string revision) =>
        state with { Phase = state.Streaming ? ReflectorPhase.StreamingList : ReflectorPhase.List, Revision = revision };
}
