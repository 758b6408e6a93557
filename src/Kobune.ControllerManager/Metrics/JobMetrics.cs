using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Metrics;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Jobs;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.Metrics;

/// <summary>Metrics of the Job controller. Source: pkg/controller/job/metrics.</summary>
internal sealed class JobMetrics
{
    private const string Succeeded = "succeeded";
    private const string Failed = "failed";
    private const string Kinds = "\"succeeded\", \"failed\"";
    private static readonly double[] SyncBounds = HistogramFamily.Exponential(0.004, 2, 15);

    private readonly NumberFamily _syncs = new("job_controller_job_syncs_total", "counter", "[STABLE] The number of job syncs", "action", "completion_mode", "result");
    private readonly HistogramFamily _times = new("job_controller_job_sync_duration_seconds", "[STABLE] The time it took to sync a job", SyncBounds, "action", "completion_mode", "result");
    private readonly NumberFamily _finished = new("job_controller_jobs_finished_total", "counter", "[STABLE] The number of finished jobs", "completion_mode", "reason", "result");
    private readonly NumberFamily _external = new("job_controller_jobs_by_external_controller_total", "counter", "[ALPHA] The number of Jobs managed by an external controller", "controller_name");
    private readonly NumberFamily _pods = new("job_controller_job_pods_finished_total", "counter", "[STABLE] The number of finished Pods that are fully tracked", "completion_mode", "result");
    private readonly NumberFamily _policies = new(
        "job_controller_pod_failures_handled_by_failure_policy_total",
        "counter",
        "[BETA] The number of failed Pods handled by failure policy with\n\t\t\trespect to the failure policy action applied based on the matched\n\t\t\trule. Possible values of the action label correspond to the\n\t\t\tpossible values for the failure policy rule action, which are:\n\t\t\t\"FailJob\", \"Ignore\" and \"Count\".",
        "action");

    private readonly NumberFamily _tracked = new(
        "job_controller_terminated_pods_tracking_finalizer_total",
        "counter",
        "[BETA] The number of terminated pods (phase=Failed|Succeeded)\nthat have the finalizer batch.kubernetes.io/job-tracking\nThe event label can be \"add\" or \"delete\".",
        "event");

    private readonly NumberFamily _indexes = new(
        "job_controller_job_finished_indexes_total",
        "counter",
        $"[ALPHA] The number of finished indexes. Possible values for the\n\t\t\tstatus label are: {Kinds}. Possible values for the\n\t\t\tbackoffLimit label are: \"perIndex\" and \"global\"",
        "backoffLimit",
        "status");

    private readonly NumberFamily _created = new(
        "job_controller_job_pods_creation_total",
        "counter",
        $"[ALPHA] The number of Pods created by the Job controller labelled with a reason for the Pod creation.\nThis metric also distinguishes between Pods created using different PodReplacementPolicy settings.\nPossible values of the \"reason\" label are:\n\"new\", \"recreate_terminating_or_failed\", \"recreate_failed\".\nPossible values of the \"status\" label are:\n{Kinds}.",
        "reason",
        "status");

    public IEnumerable<MetricFamily> Families => [_syncs, _times, _finished, _external, _pods, _policies, _tracked, _indexes, _created];

    /// <summary>A Job was looked at; <paramref name="action"/> is reconciling, tracking, pods_created or pods_deleted.</summary>
    public void Synced(Job job, string action, bool failed, TimeSpan elapsed)
    {
        var labels = new LabelValues(action, ModeOf(job), failed ? "error" : "success");
        _syncs.Add(labels);
        _times.Observe(labels, elapsed.TotalSeconds);
    }

    /// <summary>Counts a Job that has just ended, and one that came and is another controller's.</summary>
    public void JobChanged(Change<Job> change)
    {
        if (change is { Old: null, New: { } made } && made.IsManagedElsewhere())
        {
            _external.Add(new(made.Spec.ManagedBy!));
        }
        else if (change is { Old: { } old, New: { } job } && !job.IsManagedElsewhere() && !old.IsFinished() && job.End() is { } end)
        {
            _finished.Add(new(ModeOf(job), end.Reason, end.Type == JobConditionType.Failed ? Failed : Succeeded));
        }
    }

    /// <summary>Counts a pod that has ended with the finalizer, and one that lost it or went.</summary>
    public void PodChanged(Change<Pod> change)
    {
        var (was, isNow) = (HasEndedTracked(change.Old), HasEndedTracked(change.New));
        if (was != isNow)
        {
            _tracked.Add(new(isNow ? "add" : "delete"));
        }
    }

    /// <summary>Pods were made, or could not be.</summary>
    public void PodsCreated(JobFacts facts, int succeeded, int failed)
    {
        var reason = facts.Failed > 0 && facts.Job.ReplacesOnlyFailed() ? "recreate_failed"
            : facts.Failed > 0 || facts.Terminating > 0 ? "recreate_terminating_or_failed"
            : "new";
        AddSome(_created, new(reason, Succeeded), succeeded);
        AddSome(_created, new(reason, Failed), failed);
    }

    /// <summary>Failures of pods were decided by a rule of the failure policy.</summary>
    public void PoliciesApplied(IReadOnlyList<string> actions)
    {
        foreach (var action in actions)
        {
            _policies.Add(new(action));
        }
    }

    /// <summary>The status was written: what it counts more than before has just been counted.</summary>
    public void Counted(Job job, JobStatus before, JobStatus after)
    {
        var succeeded = after.Succeeded - before.Succeeded;
        if (job.IsIndexed())
        {
            // Of an elastic Job some indexes may be out of range by now: only those within are compared.
            succeeded = IndexesOf(after.CompletedIndexes) - IndexesOf(before.CompletedIndexes);
            var limit = job.HasLimitPerIndex() ? "perIndex" : "global";
            AddSome(_indexes, new(limit, Succeeded), succeeded);
            if (job.HasLimitPerIndex() && after.FailedIndexes is { } failed)
            {
                AddSome(_indexes, new(limit, Failed), IndexesOf(failed) - IndexesOf(before.FailedIndexes ?? ""));
            }
        }

        AddSome(_pods, new(ModeOf(job), Succeeded), succeeded);
        AddSome(_pods, new(ModeOf(job), Failed), after.Failed - before.Failed);

        int IndexesOf(string text) => IndexSet.Parse(text, job.Indexes()).Count;
    }

    private static void AddSome(NumberFamily family, LabelValues labels, int count)
    {
        if (count > 0)
        {
            family.Add(labels, count);
        }
    }

    private static bool HasEndedTracked(Pod? pod) => pod is not null && pod.IsTerminal() && pod.IsTracked();

    private static string ModeOf(Job job) => job.Spec.CompletionMode ?? "NonIndexed";
}
