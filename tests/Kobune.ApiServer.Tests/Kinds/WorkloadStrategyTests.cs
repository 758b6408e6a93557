using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

public class WorkloadStrategyTests
{
    private const string Template = """{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}""";
    private const string Set = """{"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"app":"a"}},"template":""" + Template + "}}";
    private const string Job = """{"metadata":{"name":"j","uid":"u-1"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i:1"}]}}}}""";
    private const string CronJob = """{"metadata":{"name":"c"},"spec":{"schedule":"*/5 * * * *","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i:1"}]}}}}}}""";

    [Theory]
    [InlineData("deployments.apps", "strategy", """{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}}""")]
    [InlineData("deployments.apps", "replicas", "1")]
    [InlineData("deployments.apps", "revisionHistoryLimit", "10")]
    [InlineData("deployments.apps", "progressDeadlineSeconds", "600")]
    [InlineData("daemonsets.apps", "updateStrategy", """{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":1,"maxSurge":0}}""")]
    [InlineData("statefulsets.apps", "updateStrategy", """{"type":"RollingUpdate","rollingUpdate":{"partition":0}}""")]
    [InlineData("statefulsets.apps", "podManagementPolicy", "\"OrderedReady\"")]
    [InlineData("statefulsets.apps", "persistentVolumeClaimRetentionPolicy", """{"whenDeleted":"Retain","whenScaled":"Retain"}""")]
    [InlineData("replicasets.apps", "replicas", "1")]
    public void Defaults(string resource, string field, string expected) => Assert.Equal(expected, Defaulted(resource, Set)["spec"]![field]!.ToJsonString());

    [Theory]
    [InlineData("deployments.apps")]
    [InlineData("replicasets.apps")]
    [InlineData("daemonsets.apps")]
    [InlineData("statefulsets.apps")]
    public void Good_ones_have_no_problems_and_selectors_stay(string resource)
    {
        Assert.Equal("", Create(resource, Set));
        Assert.Equal("", Update(resource, Set, Set));
        var other = With(With(Set, "spec.selector.matchLabels.app", "\"b\""), "spec.template.metadata.labels.app", "\"b\"");
        var expected = resource == "statefulsets.apps"
            ? "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
            : "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"b\"}}: field is immutable";
        Assert.Equal(expected, Update(resource, Set, other));
    }

    [Theory]
    [InlineData("deployments.apps", "spec.selector", "-", "spec.selector: Required value\nspec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: `selector` does not match template `labels`")]
    [InlineData("deployments.apps", "spec.selector", "{}", "spec.selector: Invalid value: {}: empty selector is invalid for deployment")]
    [InlineData("deployments.apps", "spec.selector.matchLabels.app", "\"b\"", "spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: `selector` does not match template `labels`")]
    [InlineData("deployments.apps", "spec.replicas", "-1", "spec.replicas: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("deployments.apps", "spec.template.spec.restartPolicy", "\"Never\"", "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"")]
    [InlineData("deployments.apps", "spec.strategy", """{"type":"Recreate","rollingUpdate":{"maxSurge":1}}""", "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'")]
    [InlineData("deployments.apps", "spec.strategy", """{"rollingUpdate":{"maxSurge":0,"maxUnavailable":0}}""", "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0")]
    [InlineData("deployments.apps", "spec.strategy", """{"rollingUpdate":{"maxUnavailable":"x"}}""", "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"x\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')")]
    [InlineData("deployments.apps", "spec.minReadySeconds", "700", "spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds")]
    [InlineData("deployments.apps", "spec.template.spec.containers.0.name", "\"\"", "spec.template.spec.containers[0].name: Required value")]
    [InlineData("daemonsets.apps", "spec.updateStrategy", """{"rollingUpdate":{"maxSurge":1}}""", "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero")]
    [InlineData("statefulsets.apps", "spec.updateStrategy", """{"type":"Sometimes"}""", "spec.updateStrategy: Invalid value: {\"Type\":\"Sometimes\",\"RollingUpdate\":null}: must be 'RollingUpdate' or 'OnDelete'")]
    [InlineData("statefulsets.apps", "spec.persistentVolumeClaimRetentionPolicy", """{"whenScaled":"Never"}""", "spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: \"Never\": supported values: \"Retain\", \"Delete\"")]
    [InlineData("statefulsets.apps", "spec.updateStrategy", """{"rollingUpdate":{"maxUnavailable":0}}""", "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0")]
    [InlineData("statefulsets.apps", "spec.updateStrategy", """{"rollingUpdate":{"maxUnavailable":"101%"}}""", "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%")]
    [InlineData("replicationcontrollers", "spec.selector", """{"app":"b"}""", "spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: `selector` does not match template `labels`")]
    public void Problems(string resource, string path, string value, string expected) => Assert.Equal(expected, Create(resource, With(Set, path, value)));

    [Fact]
    public void A_daemon_set_counts_its_templates_in_an_annotation()
    {
        const string annotation = "deprecated.daemonset.template.generation";
        Assert.Equal("1", Count(Prepared("daemonsets.apps", Set)));
        Assert.Equal("7", Count(Prepared("daemonsets.apps", With(Set, "metadata.annotations", $$"""{"{{annotation}}":"7"}"""))));
        Assert.Equal("1", Count(Updated("daemonsets.apps", Set, With(Set, "spec.minReadySeconds", "3"))));
        Assert.Equal("1", Count(Updated("daemonsets.apps", Set, With(Set, "metadata.annotations", $$"""{"{{annotation}}":"9","a":"b"}"""))));
        Assert.Equal("2", Count(Updated("daemonsets.apps", Set, With(Set, "spec.template.spec.containers.0.image", "\"other\""))));
        var cpu = With(Set, "spec.template.spec.containers.0.resources", """{"limits":{"cpu":"1"}}""");
        Assert.Equal("1", Count(Updated("daemonsets.apps", cpu, With(Set, "spec.template.spec.containers.0.resources", """{"limits":{"cpu":"1000m"}}"""))));

        static string Count(System.Text.Json.Nodes.JsonObject set) => set["metadata"]!["annotations"]![annotation]!.GetValue<string>();
    }

    [Fact]
    public void A_controller_revision_has_data_that_stay()
    {
        const string revision = """{"metadata":{"name":"a"},"data":{"spec":{"b":1,"a":2}},"revision":1}""";
        Assert.Equal("", Create("controllerrevisions.apps", revision));
        Assert.Equal("data: Required value: data is mandatory", Create("controllerrevisions.apps", With(revision, "data", "-")));
        Assert.Equal("revision: Invalid value: -1: must be greater than or equal to 0", Create("controllerrevisions.apps", With(revision, "revision", "-1")));
        Assert.Equal("", Update("controllerrevisions.apps", revision, With(revision, "revision", "2")));
        Assert.Equal("data: Required value: data is mandatory\ndata: Invalid value: null: field is immutable", Update("controllerrevisions.apps", revision, With(revision, "data", "-")));
        Assert.Equal("data: Invalid value: {\"spec\":{}}: field is immutable", Update("controllerrevisions.apps", revision, With(revision, "data", """{"spec":{}}""")));
    }

    [Fact]
    public void Job_selects_its_pods_by_its_uid()
    {
        var spec = Prepared("jobs.batch", Job)["spec"]!;
        Assert.Equal("""{"matchLabels":{"batch.kubernetes.io/controller-uid":"u-1"}}""", spec["selector"]!.ToJsonString());
        Assert.Equal("""{"batch.kubernetes.io/job-name":"j","job-name":"j","batch.kubernetes.io/controller-uid":"u-1","controller-uid":"u-1"}""", spec["template"]!["metadata"]!["labels"]!.ToJsonString());
        Assert.Equal((1, 1, 6, "NonIndexed"), (spec["completions"]!.GetValue<long>(), spec["parallelism"]!.GetValue<long>(), spec["backoffLimit"]!.GetValue<long>(), spec["completionMode"]!.GetValue<string>()));
        Assert.Equal("", Create("jobs.batch", Job));
    }

    [Theory]
    [InlineData("spec.template.spec.restartPolicy", "-", "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"")]
    [InlineData("spec.parallelism", "-1", "spec.parallelism: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("spec.completionMode", "\"Indexed\"", "")]
    [InlineData("spec.completionMode", "\"Odd\"", "spec.completionMode: Unsupported value: \"Odd\": supported values: \"NonIndexed\", \"Indexed\"")]
    public void Job_problems(string path, string value, string expected) => Assert.Equal(expected, Create("jobs.batch", With(Job, path, value)));

    [Theory]
    [InlineData("*/5 * * * *", "")]
    [InlineData("0 0 1 jan mon-fri", "")]
    [InlineData("@hourly", "")]
    [InlineData("@every 5m", "")]
    [InlineData("1-10/2,30 * * * *", "")]
    [InlineData("* * * *", "spec.schedule: Invalid value: \"* * * *\": expected exactly 5 fields, found 4: [* * * *]")]
    [InlineData("60 * * * *", "spec.schedule: Invalid value: \"60 * * * *\": end of range (60) above maximum (59): 60")]
    [InlineData("x * * * *", "spec.schedule: Invalid value: \"x * * * *\": failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax")]
    [InlineData("5-1 * * * *", "spec.schedule: Invalid value: \"5-1 * * * *\": beginning of range (5) beyond end of range (1): 5-1")]
    [InlineData("@never", "spec.schedule: Invalid value: \"@never\": unrecognized descriptor: @never")]
    [InlineData("TZ=UTC 0 * * * *", "spec.schedule: Invalid value: \"TZ=UTC 0 * * * *\": cannot use TZ or CRON_TZ in schedule, use timeZone field instead")]
    public void Schedules(string schedule, string expected) => Assert.Equal(expected, Create("cronjobs.batch", With(CronJob, "spec.schedule", $"\"{schedule}\"")));

    [Fact]
    public void A_zone_in_a_schedule_stays_where_it_was()
    {
        const string Zoned = "\"CRON_TZ=UTC 1 * * * *\"";
        var old = With(CronJob, "spec.schedule", "\"TZ=UTC 0 * * * *\"");
        Assert.Equal("", Update("cronjobs.batch", old, With(CronJob, "spec.schedule", Zoned)));
        Assert.Equal(
            "spec.schedule: Invalid value: \"CRON_TZ=UTC 1 * * * *\": cannot use both timeZone field and TZ or CRON_TZ in schedule",
            Update("cronjobs.batch", old, With(With(CronJob, "spec.schedule", Zoned), "spec.timeZone", "\"Etc/UTC\"")));
        Assert.Equal(
            "spec.schedule: Invalid value: \"CRON_TZ=UTC 1 * * * *\": cannot use TZ or CRON_TZ in schedule, use timeZone field instead",
            Update("cronjobs.batch", CronJob, With(CronJob, "spec.schedule", Zoned)));
        Assert.Equal("", Update("cronjobs.batch", With(CronJob, "spec.timeZone", "\"Gone/Zone\""), With(CronJob, "spec.timeZone", "\"Gone/Zone\"")));
    }
}
