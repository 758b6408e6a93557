using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>Counts of pods that a controller reports: none below zero, none above what there is. Source: pkg/apis/apps/validation and pkg/apis/core/validation.</summary>
internal static class WorkloadStatusRules
{
    private const string OverReplicas = "cannot be greater than status.replicas";
    private const string OverReady = "cannot be greater than readyReplicas";

    public static void Validate(DeploymentStatus now, DeploymentStatus before, FieldErrors errors)
    {
        Counts(
            errors,
            ("observedGeneration", now.ObservedGeneration),
            ("replicas", now.Replicas),
            ("updatedReplicas", now.UpdatedReplicas),
            ("readyReplicas", now.ReadyReplicas),
            ("availableReplicas", now.AvailableReplicas),
            ("unavailableReplicas", now.UnavailableReplicas),
            ("terminatingReplicas", now.TerminatingReplicas),
            ("collisionCount", now.CollisionCount));
        AtMost(errors, now.Replicas, OverReplicas, ("updatedReplicas", now.UpdatedReplicas), ("readyReplicas", now.ReadyReplicas), ("availableReplicas", now.AvailableReplicas));
        AtMost(errors, now.ReadyReplicas, OverReady, ("availableReplicas", now.AvailableReplicas));
        Collisions(now.CollisionCount, before.CollisionCount, errors);
    }

    public static void Validate(ReplicaSetStatus now, FieldErrors errors) =>
        Replicas(now.Replicas, now.FullyLabeledReplicas, now.ReadyReplicas, now.AvailableReplicas, now.TerminatingReplicas, now.ObservedGeneration, errors);

    public static void Validate(ReplicationControllerStatus now, FieldErrors errors) =>
        Replicas(now.Replicas, now.FullyLabeledReplicas, now.ReadyReplicas, now.AvailableReplicas, null, now.ObservedGeneration, errors);

    public static void Validate(StatefulSetStatus now, StatefulSetStatus before, FieldErrors errors)
    {
        Counts(
            errors,
            ("replicas", now.Replicas),
            ("readyReplicas", now.ReadyReplicas),
            ("currentReplicas", now.CurrentReplicas),
            ("updatedReplicas", now.UpdatedReplicas),
            ("availableReplicas", now.AvailableReplicas),
            ("observedGeneration", now.ObservedGeneration),
            ("collisionCount", now.CollisionCount));
        AtMost(
            errors,
            now.Replicas,
            OverReplicas,
            ("readyReplicas", now.ReadyReplicas),
            ("currentReplicas", now.CurrentReplicas),
            ("updatedReplicas", now.UpdatedReplicas),
            ("availableReplicas", now.AvailableReplicas));
        AtMost(errors, now.ReadyReplicas, "cannot be greater than status.readyReplicas", ("availableReplicas", now.AvailableReplicas));
        Collisions(now.CollisionCount, before.CollisionCount, errors);
    }

    public static void Validate(DaemonSetStatus now, DaemonSetStatus before, FieldErrors errors)
    {
        Counts(
            errors,
            ("currentNumberScheduled", now.CurrentNumberScheduled),
            ("numberMisscheduled", now.NumberMisscheduled),
            ("desiredNumberScheduled", now.DesiredNumberScheduled),
            ("numberReady", now.NumberReady),
            ("observedGeneration", now.ObservedGeneration),
            ("updatedNumberScheduled", now.UpdatedNumberScheduled),
            ("numberAvailable", now.NumberAvailable),
            ("numberUnavailable", now.NumberUnavailable),
            ("collisionCount", now.CollisionCount));
        Collisions(now.CollisionCount, before.CollisionCount, errors);
    }

    private static void Replicas(int replicas, int labeled, int ready, int available, int? terminating, long generation, FieldErrors errors)
    {
        Counts(
            errors,
            ("replicas", replicas),
            ("fullyLabeledReplicas", labeled),
            ("readyReplicas", ready),
            ("availableReplicas", available),
            ("terminatingReplicas", terminating),
            ("observedGeneration", generation));
        AtMost(errors, replicas, OverReplicas, ("fullyLabeledReplicas", labeled), ("readyReplicas", ready), ("availableReplicas", available));
        AtMost(errors, ready, OverReady, ("availableReplicas", available));
    }

    private static void Counts(FieldErrors errors, params ReadOnlySpan<(string Name, long? Value)> counts)
    {
        foreach (var (name, value) in counts)
        {
            errors.NonNegative("status." + name, value);
        }
    }

    private static void AtMost(FieldErrors errors, int max, string problem, params ReadOnlySpan<(string Name, int Value)> counts)
    {
        foreach (var (name, value) in counts)
        {
            if (value > max)
            {
                errors.Invalid("status." + name, value, problem);
            }
        }
    }

    private static void Collisions(int? now, int? before, FieldErrors errors)
    {
        if (before is { } had && (now is null || now < had))
        {
            errors.Invalid("status.collisionCount", now ?? 0, "cannot be decremented");
        }
    }
}
