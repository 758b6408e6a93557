using System.Globalization;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.Jobs;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.CronJobs;

/// <summary>Pure decisions about a cron job's Jobs. Source: pkg/controller/cronjob/cronjob_controllerv2.go and utils.go.</summary>
internal static class CronJobPlan
{
    public const string ScheduledTimestamp = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    /// <summary>The same name for the same time: so one time never gets two Jobs.</summary>
    public static string JobName(CronJob cron, DateTimeOffset time) => $"{cron.Metadata.Name}-{(time.ToUnixTimeSeconds() / 60).ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The Job of a time.</summary>
    /// <param name="zone">The cron job's time zone, in which the annotation tells the time.</param>
    public static Job JobOf(CronJob cron, DateTimeOffset time, TimeZoneInfo zone) => new()
    {
        Metadata = new ObjectMeta
        {
            Namespace = cron.Metadata.Namespace,
            Name = JobName(cron, time),
            Labels = cron.Spec.JobTemplate.Metadata.Labels,
            Annotations = new Dictionary<string, string>(cron.Spec.JobTemplate.Metadata.Annotations) { [ScheduledTimestamp] = Rfc3339(time, zone) },
            OwnerReferences = [PodFromTemplate.ControllerReference(cron)],
        },
        Spec = cron.Spec.JobTemplate.Spec,
    };

    /// <summary>The Job as an entry of status.active.</summary>
    public static ObjectReference Reference(Job job) => new()
    {
        APIVersion = job.ApiVersion,
        Kind = job.Kind,
        Namespace = job.Metadata.Namespace,
        Name = job.Metadata.Name,
        Uid = job.Metadata.Uid,
        ResourceVersion = job.Metadata.ResourceVersion,
    };

    /// <summary>Ended Jobs that the history limits leave no room for, the oldest first.</summary>
    public static IReadOnlyList<Job> Surplus(CronJob cron, IReadOnlyList<Job> jobs) =>
    [
        .. Oldest(jobs, JobConditionType.Complete, cron.Spec.SuccessfulJobsHistoryLimit),
        .. Oldest(jobs, JobConditionType.Failed, cron.Spec.FailedJobsHistoryLimit),
    ];

    /// <summary>The latest end of a successful Job, that of the status included.</summary>
    public static DateTimeOffset? LastSuccess(CronJobStatus status, IReadOnlyList<Job> jobs) =>
        jobs.Where(j => j.End()?.Type == JobConditionType.Complete).Select(j => j.Status.CompletionTime).Append(status.LastSuccessfulTime).Max();

    /// <summary>The status without a Job.</summary>
    public static CronJobStatus Without(this CronJobStatus status, string uid) => status with { Active = [.. status.Active.Where(a => a.Uid != uid)] };

    public static bool IsActive(this CronJobStatus status, Job job) => status.Active.Any(a => a.Uid == job.Metadata.Uid);

    private static IEnumerable<Job> Oldest(IReadOnlyList<Job> jobs, string end, int? limit)
    {
        var ended = jobs.Where(j => j.End()?.Type == end).ToList();
        return limit is not { } keep || ended.Count <= keep
            ? []
            : ended.OrderBy(j => j.Status.StartTime ?? DateTimeOffset.MaxValue).ThenBy(j => j.Metadata.Name, StringComparer.Ordinal).Take(ended.Count - keep);
    }

    private static string Rfc3339(DateTimeOffset time, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(time, zone);
        return local.ToString(local.Offset == TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
    }
}
