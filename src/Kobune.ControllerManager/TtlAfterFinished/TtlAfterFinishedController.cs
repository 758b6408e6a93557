using Kobune.Api.Batch.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Jobs;
using Kobune.ControllerManager.Metrics;

namespace Kobune.ControllerManager.TtlAfterFinished;

/// <summary>Registration of the TTL-after-finished controller: its keys are ended Jobs that have a time to live.</summary>
internal static class TtlAfterFinishedController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("ttl-after-finished", "ttl-after-finished-controller");
        var jobs = controller.Informer<Job>();
        controller.Runner.For(jobs, job => TtlPlan.ExpiresAt(job) is not null);
        return controller.Build(new TtlAfterFinishedReconciler(jobs.Cache, controller.Client, context.Options.Metrics.Upkeep, context.Time));
    }
}

/// <summary>When an ended Job goes. Source: pkg/controller/ttlafterfinished/ttlafterfinished_controller.go.</summary>
internal static class TtlPlan
{
    /// <summary>The moment; null when the Job has not ended, has no time to live or goes already.</summary>
    public static DateTimeOffset? ExpiresAt(Job job) =>
        job.Spec.TTLSecondsAfterFinished is { } seconds && !job.IsDeleting() && job.End()?.LastTransitionTime is { } end ? end + TimeSpan.FromSeconds(seconds) : null;
}

/// <summary>Deletes ended Jobs with their pods when their time has come.</summary>
internal sealed class TtlAfterFinishedReconciler(ICache<Job> jobs, IClient client, UpkeepMetrics metrics, TimeProvider time) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (jobs.Find(key) is not { } job || TtlPlan.ExpiresAt(job) is not { } expires)
        {
            return ReconcileResult.Done;
        }

        if (expires - time.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            return ReconcileResult.RequeueAfter(left);
        }

        try
        {
            // The cache may be late: the server's Job may have been given a longer time.
            var live = await client.GetAsync<Job>(key.Namespace, key.Name, ct);
            if (live.Metadata.Uid != job.Metadata.Uid || TtlPlan.ExpiresAt(live) is not { } still || still > time.GetUtcNow())
            {
                return ReconcileResult.Done; // the cache will show why
            }

            var preconditions = new Preconditions { Uid = live.Metadata.Uid, ResourceVersion = live.Metadata.ResourceVersion };
            await client.DeleteAsync<Job>(key.Namespace, key.Name, new DeleteOptions { PropagationPolicy = DeletionPropagation.Foreground, Preconditions = preconditions }, ct);
            metrics.JobDeleted(time.GetUtcNow() - expires);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Somebody was faster.
        }

        return ReconcileResult.Done;
    }
}
