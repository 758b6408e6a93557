using Kobune.Api;
using Kobune.Api.Apps.V1;

namespace Kobune.ControllerManager.Deployments;

/// <summary>Numbers of a rollout. Source: pkg/controller/deployment/util/deployment_util.go.</summary>
internal static class DeploymentMath
{
    public static int Wanted(Deployment deployment) => deployment.Spec.Replicas ?? 1;

    public static int Replicas(ReplicaSet set) => set.Spec.Replicas ?? 1;

    public static int Replicas(IEnumerable<ReplicaSet> sets) => sets.Sum(Replicas);

    public static bool IsRolling(Deployment deployment) => deployment.Spec.Strategy.Type is DeploymentStrategyType.RollingUpdate or "";

    /// <summary>Pods above the wanted number during a rollout.</summary>
    public static int MaxSurge(Deployment deployment) => IsRolling(deployment) ? Fenceposts(deployment).Surge : 0;

    /// <summary>Pods below the wanted number during a rollout.</summary>
    public static int MaxUnavailable(Deployment deployment) =>
        !IsRolling(deployment) || Wanted(deployment) == 0 ? 0 : Math.Min(Fenceposts(deployment).Unavailable, Wanted(deployment));

    public static bool HasDeadline(Deployment deployment) => deployment.Spec.ProgressDeadlineSeconds is not (null or int.MaxValue);

    /// <summary>The replicas of the new set in the next step of a rollout.</summary>
    /// <param name="current">Replicas of all sets together.</param>
    /// <param name="newReplicas">Those of the new one.</param>
    public static int NewSetReplicas(Deployment deployment, int current, int newReplicas)
    {
        var wanted = Wanted(deployment);
        if (!IsRolling(deployment))
        {
            return wanted;
        }

        var room = wanted + MaxSurge(deployment) - current;
        return room <= 0 ? newReplicas : newReplicas + Math.Min(room, wanted - newReplicas);
    }

    /// <summary>How much of a change of size a set takes, in proportion to its own.</summary>
    public static int Proportion(ReplicaSet set, Deployment deployment, int toAdd, int added)
    {
        if (Replicas(set) == 0 || toAdd == 0 || toAdd == added)
        {
            return 0;
        }

        var allowed = toAdd - added;
        var fraction = Fraction(set, deployment);
        return toAdd > 0 ? Math.Min(fraction, allowed) : Math.Max(fraction, allowed);
    }

    private static int Fraction(ReplicaSet set, Deployment deployment)
    {
        if (Wanted(deployment) == 0)
        {
            return -Replicas(set);
        }

        var before = DeploymentAnnotations.Number(set, DeploymentAnnotations.MaxReplicas) is > 0 and var max ? max : deployment.Status.Replicas;
        if (before == 0)
        {
            return 0; // nothing to be in proportion to
        }

        var size = Replicas(set) * (double)(Wanted(deployment) + MaxSurge(deployment)) / before;
        return (int)Math.Round(size, MidpointRounding.AwayFromZero) - Replicas(set);
    }

    private static (int Surge, int Unavailable) Fenceposts(Deployment deployment)
    {
        var rolling = deployment.Spec.Strategy.RollingUpdate;
        var wanted = Wanted(deployment);
        var surge = Scaled(rolling?.MaxSurge ?? "25%", wanted, roundUp: true);
        var unavailable = Scaled(rolling?.MaxUnavailable ?? "25%", wanted, roundUp: false);
        // Both may be zero after rounding: then one must go, or the rollout would stand still.
        return surge == 0 && unavailable == 0 ? (0, 1) : (surge, unavailable);
    }

    private static int Scaled(IntOrString value, int total, bool roundUp) => value.TryScale(total, roundUp, out var scaled) ? scaled : 0;
}
