using Kobune.Api.Batch.V1;

namespace Kobune.ControllerManager.Jobs;

/// <summary>Conditions of a Job's status, with upstream's reasons and messages.</summary>
internal static class JobConditions
{
    public static JobCondition New(string type, string status, string reason, string message, DateTimeOffset now) =>
        new() { Type = type, Status = status, LastProbeTime = Stamp(now), LastTransitionTime = Stamp(now), Reason = reason, Message = message };

    /// <summary>The whole second, as the server keeps it: so what it returns equals what was written.</summary>
    public static DateTimeOffset Stamp(DateTimeOffset now) => new(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), now.Offset);

    /// <summary>The status with a condition; as it is when it says so already, or when it never said the opposite of False.</summary>
    public static JobStatus With(this JobStatus status, JobCondition condition)
    {
        var known = status.Condition(condition.Type);
        if (known is null)
        {
            return condition.Status == "False" ? status : status with { Conditions = [.. status.Conditions, condition] };
        }

        var same = known.Status == condition.Status && known.Reason == condition.Reason && known.Message == condition.Message;
        return same ? status : status with { Conditions = [.. status.Conditions.Select(c => c == known ? condition : c)] };
    }
}
