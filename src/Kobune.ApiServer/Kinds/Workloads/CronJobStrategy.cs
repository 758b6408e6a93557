using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Batch.V1;
using Kobune.Api.Features;
using Kobune.Api.Schedules;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>Cron jobs.</summary>
internal sealed class CronJobStrategy : KindStrategy
{
    // A job's name is the cron job's and eleven characters of the time.
    private const int MaxNameLength = 52;
    private const int MaxZonePart = 14;

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
        Schedule(spec, old, errors);
        errors.NonNegative("spec.startingDeadlineSeconds", spec.StartingDeadlineSeconds);
        if (old is null || spec.TimeZone != old.TimeZone)
        {
            TimeZone(spec.TimeZone, errors);
        }

        errors.OneOf("spec.concurrencyPolicy", spec.ConcurrencyPolicy, "Allow", "Forbid", "Replace");
        var template = spec.JobTemplate.Spec.Template;
        JobSpecRules.Validate(spec.JobTemplate.Spec, "spec.jobTemplate.spec", PodTolerance.Of(template, old?.JobTemplate.Spec.Template, errors.Features), errors);
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

        const string path = "spec.timeZone";
        if (zone.Length == 0)
        {
            errors.Invalid(path, zone, "timeZone must be nil or non-empty string");
        }
        else if (!zone.Split('/').All(IsZonePart))
        {
            errors.Invalid(path, zone, UnknownZone(zone));
        }
        else if (zone.Equals("Local", StringComparison.OrdinalIgnoreCase))
        {
            errors.Invalid(path, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
            if (zone != "Local")
            {
                errors.Invalid(path, zone, UnknownZone(zone)); // only this spelling is a zone of Go's
            }
        }
        else if (TimeZones.Find(zone) is null)
        {
            errors.Invalid(path, zone, UnknownZone(zone));
        }
    }

    private static string UnknownZone(string zone) => "unknown time zone " + zone;

    private static bool IsZonePart(string part) =>
        part.Length is > 0 and <= MaxZonePart && part is not ("." or "..") && part[0] != '-' && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '+');

    private static void Schedule(CronJobSpec spec, CronJobSpec? old, FieldErrors errors)
    {
        const string path = "spec.schedule";
        if (spec.Schedule.Length == 0)
        {
            errors.Required(path, "");
            return;
        }

        if (Problem(spec.Schedule) is { } problem)
        {
            errors.Invalid(path, spec.Schedule, problem);
        }

        if (!spec.Schedule.Contains("TZ", StringComparison.Ordinal))
        {
            return;
        }

        // Upstream once took the zone in the schedule; those that have it keep it.
        if (old?.Schedule.Contains("TZ", StringComparison.Ordinal) != true)
        {
            errors.Invalid(path, spec.Schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
        }
        else if (spec.TimeZone is not null)
        {
            errors.Invalid(path, spec.Schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule");
        }
    }

    /// <summary>What is wrong with a schedule that may begin with its zone, "TZ=Asia/Tokyo 0 1 * * *".</summary>
    private static string? Problem(string schedule)
    {
        var hasZone = schedule.StartsWith("TZ=", StringComparison.Ordinal) || schedule.StartsWith("CRON_TZ=", StringComparison.Ordinal);
        var fields = schedule;
        if (hasZone)
        {
            var named = schedule[(schedule.IndexOf('=', StringComparison.Ordinal) + 1)..];
            var end = named.IndexOf(' ', StringComparison.Ordinal);
            var zone = end < 0 ? named : named[..end];
            fields = end < 0 ? "" : named[end..].Trim();
            if (zone is not ("" or "Local") && TimeZones.Find(zone) is null)
            {
                return $"provided bad location {zone}: {UnknownZone(zone)}";
            }
        }

        _ = CronSchedule.TryParse(fields, out var problem);
        return problem;
    }
}
