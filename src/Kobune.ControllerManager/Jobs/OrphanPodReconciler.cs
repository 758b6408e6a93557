using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Jobs;

/// <summary>
/// Takes the tracking finalizer away from pods whose Job is gone, has let them go or has ended: nobody will count them, and they could not be deleted.
/// Source: pkg/controller/job/job_controller.go, syncOrphanPod.
/// </summary>
internal sealed class OrphanPodReconciler(ICache<Job> jobs, ICache<Pod> pods, IClient client) : IReconciler
{
    /// <summary>Whether a pod has the finalizer in vain.</summary>
    public static bool IsOrphan(ICache<Job> jobs, Pod pod)
    {
        if (!pod.IsTracked() || pod.ControllerRef() is { } owner && (owner.Kind != "Job" || owner.APIVersion != "batch/v1"))
        {
            return false;
        }

        return jobs.ControllerOf(pod) is not { } job || (job.IsFinished() && !job.IsManagedElsewhere());
    }

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (pods.Find(key) is not { } pod || !IsOrphan(jobs, pod))
        {
            return ReconcileResult.Done;
        }

        try
        {
            // Of this revision alone: a Job that adopts the pod at this moment puts the finalizer back.
            await client.PatchAsync<Pod>(key.Namespace, key.Name, JobPods.ReleasePatch(pod, onlyThisRevision: true), null, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Gone with its finalizer.
        }

        return ReconcileResult.Done;
    }
}
