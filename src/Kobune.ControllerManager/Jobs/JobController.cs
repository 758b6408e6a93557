using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Jobs;

/// <summary>Registration of the Job controller. Its keys are Jobs, and pods that have its finalizer in vain under a name that no Job can have.</summary>
internal static class JobController
{
    private const string PodPrefix = "pods/";

    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("job", "job-controller");
        var (jobs, pods) = (controller.Informer<Job>(), controller.Informer<Pod>());
        var reconciler = new JobReconciler(jobs.Cache, pods.Cache, controller.Client, controller.Events, context.Options.Features, context.Time, context.Options.Metrics.Jobs);
        var orphans = new OrphanPodReconciler(jobs.Cache, pods.Cache, controller.Client);
        controller.Runner
            .For(jobs)
            .On(jobs, context.Options.Metrics.Jobs.JobChanged)
            .On(pods, context.Options.Metrics.Jobs.PodChanged)
            .On(jobs, change =>
            {
                if (change.New is null || change.New.IsFinished())
                {
                    reconciler.Forget(change.Object.Metadata.Uid);
                    foreach (var pod in pods.Cache.ByOwner(change.Object.Metadata.Uid))
                    {
                        EnqueueOrphan(controller.Runner.Queue, jobs.Cache, pod);
                    }
                }
            })
            .Owns(pods, "Job")
            .On(pods, change =>
            {
                if (change.New is { } pod)
                {
                    EnqueueOrphan(controller.Runner.Queue, jobs.Cache, pod);
                }
            })
            .Watches(pods, pod => Matching(jobs.Cache, pod));
        return controller.Build(new ByKey(reconciler, orphans));
    }

    private static void EnqueueOrphan(WorkQueue<ObjectKey> queue, ICache<Job> jobs, Pod pod)
    {
        if (OrphanPodReconciler.IsOrphan(jobs, pod))
        {
            queue.Add(new(pod.Metadata.Namespace, PodPrefix + pod.Metadata.Name));
        }
    }

    /// <summary>An orphan may be adopted by any Job whose selector matches.</summary>
    private static IEnumerable<ObjectKey> Matching(ICache<Job> jobs, Pod pod) =>
        pod.ControllerRef() is not null || pod.IsDeleting() || jobs.Count == 0
            ? []
            : jobs.List(pod.Metadata.Namespace).Where(j => !j.IsFinished() && Selector.From(j.Spec.Selector).Matches(pod.Metadata.Labels)).Select(j => ObjectKey.Of(j));

    private sealed class ByKey(JobReconciler jobs, OrphanPodReconciler pods) : IReconciler
    {
        public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct) =>
            key.Name.StartsWith(PodPrefix, StringComparison.Ordinal)
                ? pods.ReconcileAsync(new(key.Namespace, key.Name[PodPrefix.Length..]), ct)
                : jobs.ReconcileAsync(key, ct);
    }
}
