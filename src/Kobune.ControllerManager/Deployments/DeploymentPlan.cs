using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.Deployments;

/// <summary>A ReplicaSet before and after a step.</summary>
internal sealed record SetChange(ReplicaSet From, ReplicaSet To)
{
    /// <summary>Text of the ScalingReplicaSet event; null when the size stays.</summary>
    public string? Event
    {
        get
        {
            var (before, after) = (DeploymentMath.Replicas(From), DeploymentMath.Replicas(To));
            return before == after ? null : $"Scaled {(after > before ? "up" : "down")} replica set {From.Metadata.Name} from {before} to {after}";
        }
    }
}

/// <summary>What a Deployment sees of the world.</summary>
/// <param name="Deployment">It.</param>
/// <param name="Sets">ReplicaSets that it controls.</param>
/// <param name="HasRunningPods">Whether a set still has pods that have not ended; asked by Recreate alone.</param>
/// <param name="Now">For deadlines.</param>
internal sealed record DeploymentView(Deployment Deployment, IReadOnlyList<ReplicaSet> Sets, Func<ReplicaSet, bool> HasRunningPods, DateTimeOffset Now);

/// <summary>One step of a Deployment.</summary>
internal sealed record DeploymentPlan
{
    /// <summary>A new ReplicaSet to create.</summary>
    public ReplicaSet? Create { get; init; }

    /// <summary>ReplicaSets to write.</summary>
    public IReadOnlyList<SetChange> Changes { get; init; } = [];

    /// <summary>Old ReplicaSets beyond the history limit.</summary>
    public IReadOnlyList<ReplicaSet> Delete { get; init; } = [];

    /// <summary>The Deployment with its new status and revision annotation.</summary>
    public required Deployment Desired { get; init; }

    /// <summary>When its progress deadline must be looked at.</summary>
    public TimeSpan? LookAgain { get; init; }

    /// <summary>Decides the step. Source: pkg/controller/deployment, syncDeployment.</summary>
    public static DeploymentPlan Compute(DeploymentView view)
    {
        var rollout = new Rollout(view);
        if (view.Deployment.Metadata.DeletionTimestamp is not null)
        {
            return rollout.StatusOnly();
        }

        if (view.Deployment.Spec.Paused)
        {
            return rollout.Paused();
        }

        if (DeploymentMath.IsRolling(view.Deployment))
        {
            return rollout.IsScaling ? rollout.Scale() : rollout.Roll();
        }

        return rollout is { IsScaling: true, HasSeveralActive: false } ? rollout.Scale() : rollout.Recreate();
    }
}
