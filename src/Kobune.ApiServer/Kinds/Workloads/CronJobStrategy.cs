using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Batch.V1;
using Kobune.Api.Features;
using Kobune.Api.Schedules;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>Cron jobs.</summary>
internal sealed class CronJobStrategy : KindStrategy
{
    // A job's name is the cron job's and eleven characters of the time.
    private const int MaxNameLength = 52;

    public override (string Group, string Resource) Resource => ("batch", "cronjobs");

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Need("spec");
        spec.DefaultEmpty("concurrencyPolicy", "Allow");
        spec.Default("suspend", false);
        spec.Default("successfulJobsHistoryLimit", 3);
        spec.Default("failedJobsHistoryLimit", 1);
        TemplateRules.ApplyDefaults(spec.Need("jobTemplate").Need("spec")); // the rest is defaulted in the job that is made
    }

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var job = obj.Read<CronJob>();
        Validate(job.Spec, null, errors);
        if (job.Metadata.Name.Length > MaxNameLength)
        {
            errors.Invalid("metadata.name", job.Metadata.Name, "must be no more than 52 characters");
        }
    }

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features)
    {
        var now = obj.Read<CronJob>();
        return old?.Read<CronJob>().Spec == now.Spec ? [] : [.. NameWarnings.OfPods(now.Metadata.Name, old), .. JobStrategy.SpecWarnings(now.Spec.JobTemplate.Spec, "spec.jobTemplate.spec.")];
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource != "status")
        {
            Validate(obj.Read<CronJob>().Spec, old.Read<CronJob>().Spec, errors);
        }
    }

    private static void Validate(CronJobSpec spec, CronJobSpec? old, FieldErrors errors)
    {
        if (spec.Schedule.Length == 0)
        {
            errors.Required("spec.schedule", "");
        }
        else if (spec.Schedule.Contains("TZ", StringComparison.Ordinal))
        {
            // Upstream once took the zone in the schedule; those that have it keep it.
            if (old?.Schedule.Contains("TZ", StringComparison.Ordinal) != true)
            {
                errors.Invalid("spec.schedule", spec.Schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
            }
            else if (spec.TimeZone is not null)
            {
                errors.Invalid("spec.schedule", spec.Schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule");
            }
        }
        else if (CronSchedule.TryParse(spec.Schedule, out var problem) is null)
        {
            errors.Invalid("spec.schedule", spec.Schedule, problem!);
        }

        errors.NonNegative("spec.startingDeadlineSeconds", spec.StartingDeadlineSeconds);
        if (old is null || spec.TimeZone != old.TimeZone)
        {
            TimeZone(spec.TimeZone, errors);
        }

        errors.OneOf("spec.concurrencyPolicy", spec.ConcurrencyPolicy, "Allow", "Forbid", "Replace");
        JobSpecRules.Validate(spec.JobTemplate.Spec, "spec.jobTemplate.spec", errors);
        if (spec.JobTemplate.Spec.Selector is { } selector)
        {
            errors.Invalid("spec.jobTemplate.spec.selector", selector, "`selector` will be auto-generated");
        }

        if (spec.JobTemplate.Spec.ManualSelector == true)
        {
            errors.NotSupported("spec.jobTemplate.spec.manualSelector", true, ["nil", "false"]);
        }

        errors.NonNegative("spec.successfulJobsHistoryLimit", spec.SuccessfulJobsHistoryLimit);
        errors.NonNegative("spec.failedJobsHistoryLimit", spec.FailedJobsHistoryLimit);
    }

    private static void TimeZone(string? zone, FieldErrors errors)
    {
        if (zone is null)
        {
            return;
        }

        if (zone.Length == 0)
        {
            errors.Invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string");
        }
        else if (zone.Equals("Local", StringComparison.OrdinalIgnoreCase))
        {
            errors.Invalid("spec.timeZone", zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
        }
        else if (TimeZones.Find(zone) is null)
        {
            errors.Invalid("spec.timeZone", zone, $"unknown time zone {zone}");
        }
    }
}
