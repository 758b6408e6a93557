using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.Jobs;

/// <summary>How long a Job waits before it replaces failed pods: 10 s, 20 s, 40 s, ... up to 10 minutes. Source: pkg/controller/job/backoff_utils.go.</summary>
/// <param name="Failures">Pods that failed since the last one that succeeded.</param>
/// <param name="LastFailure">When the last of them failed.</param>
internal readonly record struct JobBackoff(int Failures, DateTimeOffset? LastFailure)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>The record with pods that have just ended.</summary>
    public JobBackoff With(IReadOnlyList<Pod> succeeded, IReadOnlyList<Pod> failed)
    {
        if (succeeded.Count == 0)
        {
            return failed.Count == 0 ? this : new(Failures + failed.Count, failed.Max(p => p.FinishedAt()));
        }

        var lastSuccess = succeeded.Max(p => p.FinishedAt());
        var later = failed.Select(p => p.FinishedAt()).Where(t => t > lastSuccess).ToList();
        return later.Count == 0 ? default : new(later.Count, later.Max());
    }

    /// <summary>How long to wait still; zero or less for not at all.</summary>
    public TimeSpan Left(DateTimeOffset now)
    {
        if (Failures == 0 || LastFailure is not { } last)
        {
            return TimeSpan.Zero;
        }

        var delay = First * Math.Pow(2, Math.Min(Failures - 1, 10));
        return (delay < Longest ? delay : Longest) - (now - last);
    }

    /// <summary>The back-off of one index, told by its last failed pod.</summary>
    public static JobBackoff OfIndex(Pod lastFailed) => new(lastFailed.FailureCount() + lastFailed.IgnoredFailureCount() + 1, lastFailed.FinishedAt());
}
