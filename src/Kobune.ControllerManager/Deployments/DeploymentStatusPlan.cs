using Kobune.Api.Apps.V1;
using static Kobune.ControllerManager.Deployments.DeploymentMath;

namespace Kobune.ControllerManager.Deployments;

/// <summary>The status of a Deployment. Source: pkg/controller/deployment, sync.go, progress.go and util.</summary>
internal static class DeploymentStatusPlan
{
    private const string TimedOut = "ProgressDeadlineExceeded";
    private const string NewAvailable = "NewReplicaSetAvailable";

    /// <summary>Counters and availability, without a word on progress.</summary>
    public static DeploymentStatus Settled(Deployment deployment, IReadOnlyList<ReplicaSet> sets, ReplicaSet? newest, DateTimeOffset now)
    {
        var available = sets.Sum(s => s.Status.AvailableReplicas);
        var enough = available >= Wanted(deployment) - MaxUnavailable(deployment);
        var status = deployment.Status with
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = sets.Sum(s => s.Status.Replicas),
            UpdatedReplicas = newest?.Status.Replicas ?? 0,
            ReadyReplicas = sets.Sum(s => s.Status.ReadyReplicas),
            AvailableReplicas = available,
            UnavailableReplicas = Math.Max(0, Replicas(sets) - available),
            TerminatingReplicas = sets.Any(s => s.Status.TerminatingReplicas is null) ? null : sets.Sum(s => s.Status.TerminatingReplicas), // one that is unknown makes the sum unknown
        };
        return enough
            ? Set(status, DeploymentConditionType.Available, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
            : Set(status, DeploymentConditionType.Available, "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now);
    }

    /// <summary>The status while a rollout goes on or has ended.</summary>
    public static DeploymentStatus Rolling(Deployment deployment, IReadOnlyList<ReplicaSet> sets, ReplicaSet? newest, DateTimeOffset now)
    {
        deployment = WithFound(deployment, newest, now);
        var status = WithFailure(Settled(deployment, sets, newest, now), sets, newest);
        if (!HasDeadline(deployment))
        {
            return Without(status, DeploymentConditionType.Progressing);
        }

        var current = Find(deployment.Status, DeploymentConditionType.Progressing);
        if (status.Replicas == status.UpdatedReplicas && current?.Reason == NewAvailable)
        {
            return status; // it has rolled out: nothing can time out any more
        }

        var subject = newest is null ? $"Deployment \"{deployment.Metadata.Name}\"" : $"ReplicaSet \"{newest.Metadata.Name}\"";
        if (IsComplete(deployment, status))
        {
            return Set(status, DeploymentConditionType.Progressing, "True", NewAvailable, subject + " has successfully progressed.", now);
        }

        if (HasProgressed(deployment.Status, status))
        {
            // Each bit of progress starts the deadline anew.
            var progress = New(DeploymentConditionType.Progressing, "True", "ReplicaSetUpdated", subject + " is progressing.", now);
            return Put(status, current?.Status == "True" ? progress with { LastTransitionTime = current.LastTransitionTime } : progress);
        }

        return HasTimedOut(deployment, current, now)
            ? Set(status, DeploymentConditionType.Progressing, "False", TimedOut, subject + " has timed out progressing.", now)
            : status;
    }

    /// <summary>The Deployment with the new set that it has among the conditions, when they say nothing of its progress yet.</summary>
    public static Deployment WithFound(Deployment deployment, ReplicaSet? newest, DateTimeOffset now) =>
        newest is null || !HasDeadline(deployment) || Find(deployment.Status, DeploymentConditionType.Progressing) is not null
            ? deployment
            : deployment with { Status = Set(deployment.Status, DeploymentConditionType.Progressing, "True", "FoundNewReplicaSet", $"Found new replica set \"{newest.Metadata.Name}\"", now) };

    /// <summary>The status after the new set was created.</summary>
    public static DeploymentStatus Created(Deployment deployment, IReadOnlyList<ReplicaSet> sets, string name, DateTimeOffset now)
    {
        var status = Settled(deployment, sets, null, now);
        return HasDeadline(deployment)
            ? Set(status, DeploymentConditionType.Progressing, "True", "NewReplicaSetCreated", $"Created new replica set \"{name}\"", now)
            : status;
    }

    /// <summary>The status after the new set could not be created.</summary>
    public static DeploymentStatus CreateFailed(Deployment deployment, string name, string error, DateTimeOffset now) =>
        Set(deployment.Status, DeploymentConditionType.Progressing, "False", "ReplicaSetCreateError", CreateError(name, error), now);

    public static string CreateError(string name, string error) => $"Failed to create new replica set \"{name}\": {error}";

    /// <summary>The Deployment with its pause, or the end of it, among the conditions, so that the time of a pause counts towards no deadline.</summary>
    public static Deployment WithPause(Deployment deployment, DateTimeOffset now)
    {
        var current = Find(deployment.Status, DeploymentConditionType.Progressing);
        var noted = current?.Reason == "DeploymentPaused";
        if (!HasDeadline(deployment) || current?.Reason == TimedOut || noted == deployment.Spec.Paused)
        {
            return deployment;
        }

        var status = deployment.Spec.Paused
            ? Set(deployment.Status, DeploymentConditionType.Progressing, "Unknown", "DeploymentPaused", "Deployment is paused", now)
            : Set(deployment.Status, DeploymentConditionType.Progressing, "Unknown", "DeploymentResumed", "Deployment is resumed", now);
        return deployment with { Status = status };
    }

    public static bool IsComplete(Deployment deployment, DeploymentStatus status) =>
        status.UpdatedReplicas == Wanted(deployment)
        && status.Replicas == Wanted(deployment)
        && status.AvailableReplicas == Wanted(deployment)
        && status.ObservedGeneration >= deployment.Metadata.Generation;

    /// <summary>How long until the deadline may have passed; null when there is none to watch.</summary>
    public static TimeSpan? UntilDeadline(Deployment deployment, DeploymentStatus status, DateTimeOffset now)
    {
        var current = Find(status, DeploymentConditionType.Progressing);
        if (!HasDeadline(deployment) || deployment.Spec.Paused || current is null || current.Reason is TimedOut or NewAvailable || IsComplete(deployment, status))
        {
            return null;
        }

        var left = (current.LastUpdateTime ?? now) + TimeSpan.FromSeconds(deployment.Spec.ProgressDeadlineSeconds!.Value) - now;
        return (left > TimeSpan.Zero ? left : TimeSpan.Zero) + TimeSpan.FromSeconds(1);
    }

    public static DeploymentCondition? Find(DeploymentStatus status, string type) => status.Conditions.FirstOrDefault(c => c.Type == type);

    private static bool HasProgressed(DeploymentStatus before, DeploymentStatus after) =>
        after.UpdatedReplicas > before.UpdatedReplicas
        || after.Replicas - after.UpdatedReplicas < before.Replicas - before.UpdatedReplicas
        || after.ReadyReplicas > before.ReadyReplicas
        || after.AvailableReplicas > before.AvailableReplicas;

    private static bool HasTimedOut(Deployment deployment, DeploymentCondition? current, DateTimeOffset now) => current?.Reason switch
    {
        null or NewAvailable => false,
        TimedOut => true,
        _ => (current.LastUpdateTime ?? now) + TimeSpan.FromSeconds(deployment.Spec.ProgressDeadlineSeconds!.Value) < now,
    };

    private static DeploymentStatus WithFailure(DeploymentStatus status, IReadOnlyList<ReplicaSet> sets, ReplicaSet? newest)
    {
        var failed = sets.OrderBy(s => s == newest ? 0 : 1)
            .SelectMany(s => s.Status.Conditions)
            .FirstOrDefault(c => c.Type == ReplicaSetConditionType.ReplicaFailure);
        return failed is null
            ? Without(status, DeploymentConditionType.ReplicaFailure)
            : Set(status, DeploymentConditionType.ReplicaFailure, failed.Status, failed.Reason, failed.Message, failed.LastTransitionTime);
    }

    private static DeploymentCondition New(string type, string status, string reason, string message, DateTimeOffset? now) =>
        new() { Type = type, Status = status, Reason = reason, Message = message, LastUpdateTime = now, LastTransitionTime = now };

    /// <summary>Sets a condition; one of the same status and reason stays as it is, one of the same status keeps its transition time.</summary>
    private static DeploymentStatus Set(DeploymentStatus status, string type, string value, string reason, string message, DateTimeOffset? now)
    {
        var known = Find(status, type);
        if (known is not null && known.Status == value && known.Reason == reason)
        {
            return status;
        }

        var condition = New(type, value, reason, message, now);
        return Put(status, known?.Status == value ? condition with { LastTransitionTime = known.LastTransitionTime } : condition);
    }

    private static DeploymentStatus Put(DeploymentStatus status, DeploymentCondition condition) =>
        status with { Conditions = [.. status.Conditions.Where(c => c.Type != condition.Type), condition] };

    private static DeploymentStatus Without(DeploymentStatus status, string type) =>
        Find(status, type) is null ? status : status with { Conditions = [.. status.Conditions.Where(c => c.Type != type)] };
}
