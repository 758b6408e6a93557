using Kobune.Api.Core.V1;

namespace Kobune.Scheduler.Volumes;

/// <summary>What a pod's claims need on one node: existing volumes to bind, and claims for which volumes are to be made there.</summary>
internal sealed record VolumePlan(IReadOnlyList<(PersistentVolumeClaim Claim, PersistentVolume Volume)> Bind, IReadOnlyList<PersistentVolumeClaim> Provision)
{
    public static VolumePlan Nothing { get; } = new([], []);

    public bool IsNothing => Bind.Count == 0 && Provision.Count == 0;
}
