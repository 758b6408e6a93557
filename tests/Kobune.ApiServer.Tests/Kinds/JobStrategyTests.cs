using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;
using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

public class JobStrategyTests
{
    private const string Kind = "jobs.batch";
    private const string Job = """{"metadata":{"name":"j","uid":"u-1"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i:1"}]}}}}""";
    private const string Rules = "spec.podFailurePolicy.rules";
    private const string Successes = "spec.successPolicy.rules";
    private static readonly string Indexed = With(With(With(Job, "spec.completionMode", "\"Indexed\""), "spec.completions", "3"), "spec.parallelism", "3");

    [Theory]
    [InlineData("{}", """{"completions":1,"parallelism":1,"backoffLimit":6,"completionMode":"NonIndexed","suspend":false,"podReplacementPolicy":"TerminatingOrFailed"}""")]
    [InlineData("""{"parallelism":2}""", """{"parallelism":2,"backoffLimit":6,"completionMode":"NonIndexed","suspend":false,"podReplacementPolicy":"TerminatingOrFailed"}""")]
    [InlineData("""{"completions":2}""", """{"completions":2,"parallelism":1,"backoffLimit":6,"completionMode":"NonIndexed","suspend":false,"podReplacementPolicy":"TerminatingOrFailed"}""")]
    [InlineData("""{"backoffLimitPerIndex":1}""", """{"backoffLimitPerIndex":1,"completions":1,"parallelism":1,"backoffLimit":2147483647,"completionMode":"NonIndexed","suspend":false,"podReplacementPolicy":"TerminatingOrFailed"}""")]
    public void Defaults(string spec, string expected)
    {
        var defaulted = Defaulted(Kind, $$"""{"metadata":{"name":"j"},"spec":{{spec}}}""")["spec"]!.AsObject();
        defaulted.Remove("template");
        Assert.Equal(expected, defaulted.ToJsonString());
    }

    [Theory]
    [InlineData("""{"a":"b"}""", null, """{"a":"b","batch.kubernetes.io/job-name":"j","job-name":"j","batch.kubernetes.io/controller-uid":"u-1","controller-uid":"u-1"}""")]
    [InlineData("""{"a":"b"}""", """{"a":"b"}""", """{"a":"b"}""")]
    [InlineData("{}", null, "null")]
    public void Labels_that_a_job_has_from_its_template_get_the_generated_ones_too(string template, string? own, string expected)
    {
        var job = With(Job, "spec.template.metadata", $$"""{"labels":{{template}}}""");
        var labels = Prepared(Kind, own is null ? job : With(job, "metadata.labels", own))["metadata"]!["labels"];
        Assert.Equal(expected, labels?.ToJsonString() ?? "null");
    }

    [Fact]
    public void A_policy_of_failures_has_defaults_and_replaces_failed_pods_only()
    {
        var spec = Defaulted(Kind, With(Job, "spec.podFailurePolicy", """{"rules":[{"action":"Ignore","onPodConditions":[{"type":"X"}]}]}"""))["spec"]!;
        Assert.Equal("Failed", spec["podReplacementPolicy"]!.GetValue<string>());
        Assert.Equal("True", spec["podFailurePolicy"]!["rules"]![0]!["onPodConditions"]![0]!["status"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("spec.template.metadata", """{"labels":{"job-name":"other"}}""", "spec.template.metadata.labels[job-name]: Invalid value: {\"batch.kubernetes.io/controller-uid\":\"u-1\",\"batch.kubernetes.io/job-name\":\"j\",\"controller-uid\":\"u-1\",\"job-name\":\"other\"}: must be 'j'")]
    [InlineData("spec.selector", """{"matchLabels":{"a":"b"}}""", "spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"b\",\"batch.kubernetes.io/controller-uid\":\"u-1\"}}: `selector` not auto-generated", "spec.template.metadata.labels: Invalid value: {\"batch.kubernetes.io/controller-uid\":\"u-1\",\"batch.kubernetes.io/job-name\":\"j\",\"controller-uid\":\"u-1\",\"job-name\":\"j\"}: `selector` does not match template `labels`")]
    [InlineData("spec.manualSelector", "true", "spec.selector: Required value", "spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`")]
    [InlineData("spec.maxFailedIndexes", "1", "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified", "spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode")]
    [InlineData("spec.backoffLimitPerIndex", "1", "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode")]
    [InlineData("spec.managedBy", "\"\"", "spec.managedBy: Required value")]
    [InlineData("spec.managedBy", "\"me\"", "spec.managedBy: Invalid value: \"me\": must be a domain-prefixed path (such as \"acme.io/foo\")")]
    [InlineData("spec.managedBy", "\"example.test/ok\"", "")]
    [InlineData("spec.podReplacementPolicy", "\"Never\"", "spec.podReplacementPolicy: Unsupported value: \"Never\": supported values: \"Failed\", \"TerminatingOrFailed\"")]
    [InlineData("spec.successPolicy", """{"rules":[{"succeededCount":1}]}""", "spec.successPolicy: Invalid value: {\"Rules\":[{\"SucceededIndexes\":null,\"SucceededCount\":1}]}: requires indexed completion mode")]
    [InlineData("spec.podFailurePolicy", """{"rules":[{"action":"","onExitCodes":{"operator":"In","values":[1]}}]}""", Rules + "[0].action: Required value: valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]")]
    [InlineData("spec.podFailurePolicy", """{"rules":[{"action":"FailIndex","onExitCodes":{"operator":"In","values":[1]}}]}""", Rules + "[0].action: Invalid value: \"FailIndex\": requires the backoffLimitPerIndex to be set")]
    [InlineData("spec.podFailurePolicy", """{"rules":[{"action":"Count","onExitCodes":{"operator":"In","containerName":"x","values":[3,0,3]}}]}""", Rules + "[0].onExitCodes.containerName: Invalid value: \"x\": must be one of the container or initContainer names in the pod template", Rules + "[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator", Rules + "[0].onExitCodes.values[2]: Duplicate value: 3", Rules + "[0].onExitCodes.values: Invalid value: [3,0,3]: must be ordered")]
    [InlineData("spec.podFailurePolicy", """{"rules":[{"action":"Count"}]}""", Rules + "[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required")]
    [InlineData("spec.podFailurePolicy", """{"rules":[{"action":"Count","onExitCodes":{"operator":"NotIn","values":[0]},"onPodConditions":[{"type":"X","status":"Maybe"}]}]}""", Rules + "[0].onPodConditions[0].status: Unsupported value: \"Maybe\": supported values: \"False\", \"True\", \"Unknown\"", Rules + "[0]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported")]
    public void Problems_of_a_job(string path, string value, params string[] expected) => Creates(Kind, "Job", With(Job, path, value), string.Join("\n", expected));

    [Theory]
    [InlineData("spec.maxFailedIndexes", "4", "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified", "spec.maxFailedIndexes: Invalid value: 4: must be less than or equal to completions")]
    [InlineData("spec.parallelism", "100001", "spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed")]
    [InlineData("metadata.name", "\"jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj\"", "metadata.name: Invalid value: \"jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj\": will not able to create pod with invalid DNS label: jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj-2")]
    [InlineData("spec.successPolicy", """{"rules":[]}""", Successes + ": Required value: at least one rules must be specified when the successPolicy is specified")]
    [InlineData("spec.successPolicy", """{"rules":[{}]}""", Successes + "[0]: Required value: at least one of succeededCount or succeededIndexes must be specified")]
    [InlineData("spec.successPolicy", """{"rules":[{"succeededIndexes":"0-1","succeededCount":3}]}""", Successes + "[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)")]
    [InlineData("spec.successPolicy", """{"rules":[{"succeededIndexes":"0,3"}]}""", Successes + "[0].succeededIndexes: Invalid value: \"0,3\": error parsing succeededIndexes: too large index: \"3\"")]
    [InlineData("spec.successPolicy", """{"rules":[{"succeededIndexes":"2,1"}]}""", Successes + "[0].succeededIndexes: Invalid value: \"2,1\": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1")]
    [InlineData("spec.successPolicy", """{"rules":[{"succeededIndexes":"0-1-2"}]}""", Successes + "[0].succeededIndexes: Invalid value: \"0-1-2\": error parsing succeededIndexes: the fragment \"0-1-2\" violates the requirement that an index interval can have at most two parts separated by '-'")]
    [InlineData("spec.successPolicy", """{"rules":[{"succeededCount":4}]}""", Successes + "[0].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of specified completions)")]
    public void Problems_of_an_indexed_job(string path, string value, params string[] expected) => Creates(Kind, "Job", With(Indexed, path, value), string.Join("\n", expected));

    [Theory]
    [InlineData("{}", "spec.parallelism", "9", true)]
    [InlineData("{}", "spec.suspend", "true", true)]
    [InlineData("{}", "spec.completions", "9", false)]
    [InlineData("{}", "spec.completionMode", "\"Indexed\"", false)]
    [InlineData("{}", "spec.managedBy", "\"example.test/x\"", false)]
    [InlineData("{}", "spec.template.spec.nodeSelector", """{"a":"b"}""", false)]
    [InlineData("suspended", "spec.template.spec.nodeSelector", """{"a":"b"}""", true)]
    [InlineData("suspended", "spec.template.spec.tolerations", """[{"operator":"Exists"}]""", true)]
    [InlineData("suspended", "spec.template.spec.schedulingGates", """[{"name":"g.test/a"}]""", true)]
    [InlineData("suspended", "spec.template.metadata.annotations", """{"a":"b"}""", true)]
    [InlineData("suspended", "spec.template.spec.affinity", """{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"Exists"}]}]}}}""", true)]
    [InlineData("suspended", "spec.template.spec.affinity", """{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"k","labelSelector":{}}]}}""", false)]
    [InlineData("suspended", "spec.template.spec.containers.0.resources", """{"requests":{"cpu":"1"}}""", true)]
    [InlineData("suspended", "spec.template.spec.containers.0.image", "\"other\"", false)]
    [InlineData("started", "spec.template.spec.nodeSelector", """{"a":"b"}""", false)]
    [InlineData("rests", "spec.template.spec.nodeSelector", """{"a":"b"}""", true)]
    [InlineData("rests", "spec.template.spec.containers.0.resources", """{"requests":{"cpu":"1"}}""", true)]
    public void What_may_change(string state, string path, string value, bool allowed)
    {
        var old = Prepared(Kind, state == "{}" ? Job : With(Job, "spec.suspend", "true")).ToJsonString();
        old = state switch
        {
            "started" => With(old, "status", """{"startTime":"2026-03-01T12:00:00Z","active":1}"""),
            "rests" => With(old, "status", """{"startTime":"2026-03-01T12:00:00Z","conditions":[{"type":"Suspended","status":"True"}]}"""),
            _ => old,
        };
        var problems = Update(Kind, old, With(old, path, value));
        Assert.True(allowed == (problems.Length == 0), problems);
        Assert.True(allowed || problems.Contains("field is immutable", StringComparison.Ordinal), problems);
    }

    [Fact]
    public void Completions_of_an_indexed_job_change_with_its_parallelism()
    {
        var old = Prepared(Kind, Indexed).ToJsonString();
        Assert.Equal("", Update(Kind, old, With(With(old, "spec.completions", "5"), "spec.parallelism", "5")));
        Assert.Equal("spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism", Update(Kind, old, With(old, "spec.completions", "5")));
    }

    [Theory]
    [InlineData("""{"failed":2,"succeeded":2}""", """{"failed":1,"succeeded":1}""", "status.failed: Invalid value: 1: cannot decrease the failed counter", "status.succeeded: Invalid value: 1: cannot decrease the succeeded counter")]
    [InlineData("""{"conditions":[{"type":"FailureTarget","status":"True"}]}""", "{}", "status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition")]
    [InlineData("""{"conditions":[{"type":"SuccessCriteriaMet","status":"True"}]}""", "{}", "status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition")]
    [InlineData("{}", """{"startTime":"2026-03-01T12:00:00Z","conditions":[{"type":"Failed","status":"True"}]}""", "status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition")]
    [InlineData("{}", """{"startTime":"2026-03-01T12:00:00Z","conditions":[{"type":"SuccessCriteriaMet","status":"True"},{"type":"Complete","status":"True"}]}""", "status.completionTime: Required value: completionTime is required for Complete jobs")]
    [InlineData("{}", """{"startTime":"2026-03-01T12:00:00Z","active":1,"conditions":[{"type":"FailureTarget","status":"True"},{"type":"Failed","status":"True"}]}""", "status.active: Invalid value: 1: active>0 is invalid for finished job")]
    [InlineData("{}", """{"completionTime":"2026-03-01T12:00:00Z"}""", "status.completionTime: Invalid value: \"2026-03-01T12:00:00Z\": cannot set completionTime when there is no Complete=True condition")]
    [InlineData("""{"startTime":"2026-03-01T12:00:00Z"}""", "{}", "status.startTime: Required value: startTime cannot be removed for unsuspended job")]
    [InlineData("""{"startTime":"2026-03-01T12:00:00Z","conditions":[{"type":"Suspended","status":"True"}]}""", """{"startTime":"2026-03-01T13:00:00Z","conditions":[{"type":"Suspended","status":"False"}]}""", "")]
    [InlineData("{}", """{"ready":2,"active":1}""", "status.ready: Invalid value: 2: cannot set more ready pods than active")]
    [InlineData("{}", """{"completedIndexes":"1"}""", "status.completedIndexes: Invalid value: \"1\": error parsing completedIndexes: too large index: \"1\"", "status.completedIndexes: Invalid value: \"1\": cannot set non-empty completedIndexes when non-indexed completion mode")]
    [InlineData("{}", """{"failedIndexes":"0"}""", "status.failedIndexes: Invalid value: \"0\": cannot set non-null failedIndexes when backoffLimitPerIndex is null")]
    [InlineData("{}", """{"uncountedTerminatedPods":{"succeeded":["a",""],"failed":["a"]}}""", "status.uncountedTerminatedPods.succeeded[1]: Invalid value: \"\": must not be empty", "status.uncountedTerminatedPods.failed[0]: Duplicate value: \"a\"")]
    [InlineData("{}", """{"startTime":"2026-03-01T12:00:00Z","active":1,"ready":1,"conditions":[{"type":"Own","status":"True"}]}""", "")]
    public void A_status_moves_one_way(string before, string now, params string[] expected)
    {
        var job = Prepared(Kind, Job).ToJsonString();
        Updates(Kind, "Job", With(job, "status", before), With(job, "status", now), string.Join("\n", expected), "status");
    }

    [Fact]
    public void Completed_and_failed_indexes_are_different_ones()
    {
        var job = Prepared(Kind, With(Indexed, "spec.backoffLimitPerIndex", "1")).ToJsonString();
        Assert.Equal("", Update(Kind, job, With(job, "status", """{"completedIndexes":"0","failedIndexes":"1,2"}"""), "status"));
        Assert.Equal(
            "status.failedIndexes: Invalid value: \"1,2\": failedIndexes and completedIndexes overlap at index: 1",
            Update(Kind, job, With(job, "status", """{"completedIndexes":"0,1","failedIndexes":"1,2"}"""), "status"));
    }

    [Theory]
    [InlineData("", "batch.kubernetes.io/controller-uid batch.kubernetes.io/job-name controller-uid job-name")]
    [InlineData(""" "labels":{"mine":"x"}, """, "mine")]
    public async Task A_job_without_labels_is_stored_with_those_of_its_template(string labels, string expected)
    {
        await using var server = await TestServer.StartAsync();
        var job = await server.MustAsync("POST", "/apis/batch/v1/namespaces/default/jobs", $$$"""{"metadata":{{{{labels}}}"name":"a"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]} } } }""");
        Assert.Equal(expected, string.Join(' ', ((JsonObject)job["metadata"]!["labels"]!).Select(l => l.Key).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task A_name_that_is_no_label_is_told_of_once()
    {
        await using var server = await TestServer.StartAsync();
        var name = new string('a', 64);
        var refused = await server.SendAsync("POST", "/apis/batch/v1/namespaces/default/jobs", With(Job, "metadata", $$"""{"name":"{{name}}"}"""));
        Assert.Equal((422, $"Job.batch \"{name}\" is invalid: spec.template.labels: Invalid value: \"{name}\": must be no more than 63 bytes"), (refused.Code, refused.Message));
    }
}
