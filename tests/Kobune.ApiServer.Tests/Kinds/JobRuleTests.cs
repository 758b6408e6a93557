using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Jobs and cron jobs that are refused, each with the whole Status: what JobStrategyTests does not have.</summary>
public class JobRuleTests
{
    private const string Jobs = "jobs.batch";
    private const string CronJobs = "cronjobs.batch";
    private const string Job = """{"metadata":{"name":"j","uid":"u-1"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i:1"}]}}}}""";
    private const string Cron = """{"metadata":{"name":"c"},"spec":{"schedule":"0 * * * *","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i:1"}]}}}}}}""";
    private const string Negative = "must be greater than or equal to 0";
    private const string Rule = "spec.podFailurePolicy.rules[0]";
    private const string Name63 = "a0123456789b0123456789c0123456789d0123456789e0123456789f0123456";
    private static readonly string Indexed = With(With(With(Job, "spec.completionMode", "\"Indexed\""), "spec.completions", "3"), "spec.parallelism", "3");

    [Theory]
    [InlineData("spec.parallelism", "-1", "spec.parallelism: Invalid value: -1: " + Negative)]
    [InlineData("spec.completions", "-1", "spec.completions: Invalid value: -1: " + Negative)]
    [InlineData("spec.activeDeadlineSeconds", "-1", "spec.activeDeadlineSeconds: Invalid value: -1: " + Negative)]
    [InlineData("spec.backoffLimit", "-1", "spec.backoffLimit: Invalid value: -1: " + Negative)]
    [InlineData("spec.ttlSecondsAfterFinished", "-1", "spec.ttlSecondsAfterFinished: Invalid value: -1: " + Negative)]
    [InlineData("spec.completionMode", "\"Some\"", "spec.completionMode: Unsupported value: \"Some\": supported values: \"NonIndexed\", \"Indexed\"")]
    [InlineData("spec.completionMode", "\"Indexed\"", "")]
    [InlineData("spec.managedBy", "\"a.test/0123456789012345678901234567890123456789012345678901234567\"", "spec.managedBy: Too long: may not be more than 63 bytes")]
    [InlineData("spec.template.spec.restartPolicy", "\"Always\"", "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"")]
    [InlineData("spec.template.spec.restartPolicy", "\"Some\"", "spec.template.spec.restartPolicy: Unsupported value: \"Some\": supported values: \"Always\", \"OnFailure\", \"Never\"\nspec.template.spec.restartPolicy: Unsupported value: \"Some\": supported values: \"OnFailure\", \"Never\"")]
    [InlineData("spec.podFailurePolicy", """{"rules":[{"action":"Some","onExitCodes":{"operator":"","values":[]}}]}""", Rule + ".action: Unsupported value: \"Some\": supported values: \"Count\", \"FailIndex\", \"FailJob\", \"Ignore\"\n" + Rule + ".onExitCodes.operator: Required value: valid values: [\"In\" \"NotIn\"]\n" + Rule + ".onExitCodes.values: Invalid value: []: at least one value is required")]
    [InlineData("spec.podFailurePolicy", """{"rules":[{"action":"Count","onExitCodes":{"operator":"Over","values":[1]}}]}""", Rule + ".onExitCodes.operator: Unsupported value: \"Over\": supported values: \"In\", \"NotIn\"")]
    [InlineData("spec.podFailurePolicy", """{"rules":[{"action":"Count","onPodConditions":[{"type":"-x","status":"True"}]}]}""", Rule + ".onPodConditions[0].type: Invalid value: \"-x\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')")]
    public void A_job_is_refused(string path, string value, string problems) => Creates(Jobs, "Job", With(Job, path, value), problems);

    [Theory]
    [InlineData("spec.completions", "-", "spec.completions: Required value: when completion mode is Indexed")]
    [InlineData("spec.backoffLimitPerIndex", "-1", "spec.backoffLimitPerIndex: Invalid value: -1: " + Negative)]
    [InlineData("spec.successPolicy", """{"rules":[{"succeededCount":-1}]}""", "spec.successPolicy.rules[0].succeededCount: Invalid value: -1: " + Negative)]
    [InlineData("spec.successPolicy", """{"rules":[{"succeededIndexes":"a"}]}""", "spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"a\": error parsing succeededIndexes: cannot convert string to integer for index: \"a\"")]
    public void An_indexed_job_is_refused(string path, string value, string problems) => Creates(Jobs, "Job", With(Indexed, path, value), problems);

    [Fact]
    public void A_huge_indexed_job_with_limits_per_index_has_few_pods_and_failures()
    {
        var huge = With(With(With(Indexed, "spec.completions", "100001"), "spec.parallelism", "10001"), "spec.backoffLimitPerIndex", "1");
        const string when = " when completions are above 100000 and used with backoff limit per index";
        Creates(Jobs, "Job", huge, "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000\nspec.parallelism: Invalid value: 10001: must be less than or equal to 10000" + when);
        Creates(Jobs, "Job", With(huge, "spec.maxFailedIndexes", "100001"), "spec.maxFailedIndexes: Invalid value: 100001: must be less than or equal to 100000\nspec.parallelism: Invalid value: 10001: must be less than or equal to 10000" + when + "\nspec.maxFailedIndexes: Invalid value: 100001: must be less than or equal to 10000" + when);
        Creates(Jobs, "Job", With(With(huge, "spec.maxFailedIndexes", "10000"), "spec.parallelism", "10000"), "");
    }

    [Theory]
    [InlineData("spec.completions", "2", "spec.completions: Invalid value: 2: field is immutable")]
    [InlineData("spec.completions", "-", "spec.completions: Invalid value: \"null\": field is immutable")]
    [InlineData("spec.managedBy", "\"a.test/b\"", "spec.managedBy: Invalid value: \"a.test/b\": field is immutable")]
    [InlineData("spec.activeDeadlineSeconds", "-1", "spec.activeDeadlineSeconds: Invalid value: -1: " + Negative + "\nspec.activeDeadlineSeconds: Invalid value: -1: " + Negative)]
    [InlineData("spec.activeDeadlineSeconds", "5", "")]
    public void A_change_of_a_job_is_refused(string path, string value, string problems)
    {
        var old = Prepared(Jobs, With(With(Job, "spec.completions", "1"), "spec.parallelism", "1")).ToJsonString();
        Updates(Jobs, "Job", old, With(old, path, value), problems);
    }

    [Fact]
    public void A_job_may_keep_a_selector_with_values_that_no_label_has()
    {
        var job = With(With(Job, "spec.manualSelector", "true"), "spec.selector", """{"matchExpressions":[{"key":"a","operator":"NotIn","values":["-"]}]}""");
        Creates(Jobs, "Job", job, "spec.selector.matchExpressions[0].values[0]: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
        job = Prepared(Jobs, job).ToJsonString();
        Updates(Jobs, "Job", job, With(job, "spec.parallelism", "2"), "");
    }

    [Theory]
    [InlineData("""{"active":-1,"succeeded":-1,"failed":-1,"ready":-1,"terminating":-1}""", "status.active: Invalid value: -1: " + Negative + "\nstatus.succeeded: Invalid value: -1: " + Negative + "\nstatus.failed: Invalid value: -1: " + Negative + "\nstatus.ready: Invalid value: -1: " + Negative + "\nstatus.terminating: Invalid value: -1: " + Negative + "\nstatus.failed: Invalid value: -1: cannot decrease the failed counter\nstatus.succeeded: Invalid value: -1: cannot decrease the succeeded counter")]
    [InlineData("""{"completionTime":"2026-03-01T12:00:00Z","conditions":[{"type":"Complete","status":"True"},{"type":"Failed","status":"True"},{"type":"FailureTarget","status":"True"}],"active":1,"terminating":1,"uncountedTerminatedPods":{"failed":["u"]}}""", "status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions\nstatus.conditions: Invalid value: cannot set Complete=True and FailureTarget=true conditions\nstatus.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition\nstatus.active: Invalid value: 1: active>0 is invalid for finished job\nstatus.startTime: Required value: startTime is required for finished job\nstatus.uncountedTerminatedPods: Invalid value: {\"Succeeded\":null,\"Failed\":[\"u\"]}: uncountedTerminatedPods needs to be empty for finished job\nstatus.terminating: Invalid value: 1: terminating>0 is invalid for finished job")]
    [InlineData("""{"startTime":"2026-03-01T12:00:00Z","completionTime":"2026-03-01T11:00:00Z","conditions":[{"type":"SuccessCriteriaMet","status":"True"},{"type":"Complete","status":"True"}]}""", "status.completionTime: Invalid value: \"2026-03-01T11:00:00Z\": completionTime cannot be set before startTime")]
    [InlineData("""{"conditions":[{"type":"SuccessCriteriaMet","status":"True"},{"type":"FailureTarget","status":"True"}]}""", "status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions")]
    public void A_status_is_refused_in_upstreams_order(string status, string problems)
    {
        var job = Prepared(Jobs, Job).ToJsonString();
        Updates(Jobs, "Job", job, With(job, "status", status), problems, "status");
    }

    [Fact]
    public void An_end_is_final()
    {
        const string end = """{"startTime":"2026-03-01T12:00:00Z","completionTime":"2026-03-01T13:00:00Z","conditions":[{"type":"SuccessCriteriaMet","status":"True"},{"type":"Complete","status":"True"}]}""";
        var job = With(Prepared(Jobs, Job).ToJsonString(), "status", end);
        Updates(Jobs, "Job", job, With(job, "status.completionTime", "\"2026-03-01T14:00:00Z\""), "status.completionTime: Invalid value: \"2026-03-01T14:00:00Z\": completionTime cannot be mutated", "status");
        Updates(Jobs, "Job", job, With(job, "status.conditions", "[]"), "status.completionTime: Invalid value: \"2026-03-01T13:00:00Z\": cannot set completionTime when there is no Complete=True condition\nstatus.conditions: Invalid value: cannot disable the terminal Complete=True condition\nstatus.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition", "status");
    }

    [Theory]
    [InlineData("spec.schedule", "\"\"", "spec.schedule: Required value")]
    [InlineData("spec.schedule", "\"x\"", "spec.schedule: Invalid value: \"x\": expected exactly 5 fields, found 1: [x]")]
    [InlineData("spec.schedule", "\"TZ=UTC 0 * * * *\"", "spec.schedule: Invalid value: \"TZ=UTC 0 * * * *\": cannot use TZ or CRON_TZ in schedule, use timeZone field instead")]
    [InlineData("spec.schedule", "\"CRON_TZ=No/Where 0 * * * *\"", "spec.schedule: Invalid value: \"CRON_TZ=No/Where 0 * * * *\": provided bad location No/Where: unknown time zone No/Where\nspec.schedule: Invalid value: \"CRON_TZ=No/Where 0 * * * *\": cannot use TZ or CRON_TZ in schedule, use timeZone field instead")]
    [InlineData("spec.startingDeadlineSeconds", "-1", "spec.startingDeadlineSeconds: Invalid value: -1: " + Negative)]
    [InlineData("spec.timeZone", "\"\"", "spec.timeZone: Invalid value: \"\": timeZone must be nil or non-empty string")]
    [InlineData("spec.timeZone", "\"Local\"", "spec.timeZone: Invalid value: \"Local\": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")]
    [InlineData("spec.timeZone", "\"LOCAL\"", "spec.timeZone: Invalid value: \"LOCAL\": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones\nspec.timeZone: Invalid value: \"LOCAL\": unknown time zone LOCAL")]
    [InlineData("spec.timeZone", "\"Asia/../Tokyo\"", "spec.timeZone: Invalid value: \"Asia/../Tokyo\": unknown time zone Asia/../Tokyo")]
    [InlineData("spec.timeZone", "\"Etc/UTC\"", "")]
    [InlineData("spec.concurrencyPolicy", "\"Some\"", "spec.concurrencyPolicy: Unsupported value: \"Some\": supported values: \"Allow\", \"Forbid\", \"Replace\"")]
    [InlineData("spec.jobTemplate.spec.selector", """{"matchLabels":{"a":"b"}}""", "spec.jobTemplate.spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"b\"}}: `selector` will be auto-generated")]
    [InlineData("spec.jobTemplate.spec.manualSelector", "true", "spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: \"nil\", \"false\"")]
    [InlineData("spec.jobTemplate.spec.parallelism", "-1", "spec.jobTemplate.spec.parallelism: Invalid value: -1: " + Negative)]
    [InlineData("spec.successfulJobsHistoryLimit", "-1", "spec.successfulJobsHistoryLimit: Invalid value: -1: " + Negative)]
    [InlineData("spec.failedJobsHistoryLimit", "-1", "spec.failedJobsHistoryLimit: Invalid value: -1: " + Negative)]
    [InlineData("metadata.name", "\"" + Name63 + "\"", "metadata.name: Invalid value: \"" + Name63 + "\": must be no more than 52 characters")]
    public void A_cron_job_is_refused(string path, string value, string problems) => Creates(CronJobs, "CronJob", With(Cron, path, value), problems);

    [Fact]
    public void A_cron_job_from_before_a_rule_stays_changeable()
    {
        var zoned = With(Cron, "spec.schedule", "\"TZ=UTC 0 * * * *\"");
        Updates(CronJobs, "CronJob", zoned, With(zoned, "spec.suspend", "true"), "");
        Updates(CronJobs, "CronJob", zoned, With(zoned, "spec.timeZone", "\"Etc/UTC\""), "spec.schedule: Invalid value: \"TZ=UTC 0 * * * *\": cannot use both timeZone field and TZ or CRON_TZ in schedule");
        var odd = With(With(Cron, "spec.timeZone", "\"No/Where\""), "metadata.name", $"\"{Name63}\"");
        Updates(CronJobs, "CronJob", odd, With(odd, "spec.suspend", "true"), "");
        Updates(CronJobs, "CronJob", odd, With(odd, "spec.timeZone", "\"No/Here\""), "spec.timeZone: Invalid value: \"No/Here\": unknown time zone No/Here");
    }
}
