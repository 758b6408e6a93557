using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Conformance;

/// <summary>What a PUT may do, kind by kind, and what a DELETE answers with. Source: the strategies and storages of upstream's registry.</summary>
public class WriteRulesTests
{
    private static readonly string[] CreatedByPut =
    [
        "clusterrolebindings", "clusterroles", "endpoints", "events", "leases", "limitranges", "rolebindings", "roles", "runtimeclasses", "services",
    ];

    private static readonly string[] NeverUnconditional =
    [
        "apiservices", "csidrivers", "csinodes", "csistoragecapacities", "customresourcedefinitions", "leases", "mutatingadmissionpolicies", "mutatingadmissionpolicybindings",
        "mutatingwebhookconfigurations", "poddisruptionbudgets", "runtimeclasses", "validatingadmissionpolicies", "validatingadmissionpolicybindings", "validatingwebhookconfigurations",
        "volumeattachments",
    ];

    private static readonly string[] AnswerObjects =
    [
        "csidrivers", "csinodes", "csistoragecapacities", "deviceclasses", "persistentvolumeclaims", "persistentvolumes", "pods", "podtemplates", "resourceclaims", "resourceclaimtemplates",
        "resourcequotas", "resourceslices", "serviceaccounts", "services", "storageclasses", "volumeattachments", "volumeattributesclasses",
    ];

    [Theory, MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    public async Task A_put_makes_only_what_its_kind_lets_it_make(string kind)
    {
        await using var server = await TestServer.StartAsync();
        var sample = Samples.Of(kind);
        var answer = await server.SendAsync("PUT", sample.Path(1), sample.Object(1).ToJsonString());
        if (CreatedByPut.Contains(sample.Plural))
        {
            Assert.True(answer.Code == 201, $"{answer.Code} {answer.Body}");
            return;
        }

        Assert.Equal((404, "NotFound"), (answer.Code, answer.Reason));
        Assert.Equal(404, (await server.SendAsync("GET", sample.Path(1))).Code);
    }

    [Theory, MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    public async Task A_put_without_a_revision_overwrites_unless_its_kind_forbids_it(string kind)
    {
        await using var server = await TestServer.StartAsync();
        var sample = Samples.Of(kind);
        var next = await server.MustAsync("POST", sample.Collection, sample.Object(1).ToJsonString());
        next["metadata"]!.AsObject().Remove("resourceVersion");
        next["metadata"]!["labels"]!["l"] = "1";
        var answer = await server.SendAsync("PUT", sample.Path(1), next.ToJsonString());
        if (!NeverUnconditional.Contains(sample.Plural))
        {
            Assert.True(answer.Code == 200, $"{answer.Code} {answer.Body}");
            return;
        }

        Assert.Equal((422, "Invalid"), (answer.Code, answer.Reason));
        var name = sample.Group.Length == 0 ? sample.Plural : $"{sample.Plural}.{sample.Group}";
        Assert.Equal($"{name} \"{sample.NameOf(1)}\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update", answer.Message);
        Assert.Equal(sample.Plural, (string?)answer.Body["details"]!["kind"]);
        var patched = await server.SendAsync("PATCH", sample.Path(1), """{"metadata":{"resourceVersion":null,"labels":{"l":"1"}}}""", "application/merge-patch+json");
        Assert.Equal((422, answer.Message), (patched.Code, patched.Message));
    }

    [Theory, MemberData(nameof(Samples.WithStatus), MemberType = typeof(Samples))]
    public async Task A_status_without_a_revision_is_written_by_the_same_rule(string kind)
    {
        await using var server = await TestServer.StartAsync();
        var sample = Samples.Of(kind);
        var next = await server.MustAsync("POST", sample.Collection, sample.Object(1).ToJsonString());
        var uid = (string?)next["metadata"]!["uid"];
        next["metadata"]!.AsObject().Remove("resourceVersion");
        next["status"] = JsonNode.Parse(sample.Status);
        var answer = await server.SendAsync("PUT", $"{sample.Path(1)}/status", next.ToJsonString());
        if (!NeverUnconditional.Contains(sample.Plural))
        {
            Assert.True(answer.Code == 200, $"{answer.Code} {answer.Body}");
            return;
        }

        Assert.Equal((422, "Invalid"), (answer.Code, answer.Reason));
        Assert.EndsWith("is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update", answer.Message, StringComparison.Ordinal);
        next["metadata"]!["uid"] = "another";
        var other = await server.SendAsync("PUT", $"{sample.Path(1)}/status", next.ToJsonString());
        Assert.Equal((409, "Conflict"), (other.Code, other.Reason)); // the UID is looked at first
        Assert.Contains($"UID in object meta: {uid}", other.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    public async Task A_delete_answers_with_the_object_or_with_a_success(string kind)
    {
        await using var server = await TestServer.StartAsync();
        var sample = Samples.Of(kind);
        await server.MustAsync("POST", sample.Collection, sample.Object(1).ToJsonString());
        await server.MustAsync("PATCH", sample.Path(1), """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");
        var created = await server.MustAsync("GET", sample.Path(1));
        var answer = await server.MustAsync("DELETE", sample.Path(1), """{"propagationPolicy":"Background","gracePeriodSeconds":0}""");
        if (AnswerObjects.Contains(sample.Plural) || sample.Plural is "namespaces" or "customresourcedefinitions") // these go later
        {
            Assert.Equal((sample.Kind, (string?)created["metadata"]!["uid"]), ((string?)answer["kind"], (string?)answer["metadata"]!["uid"]));
            return;
        }

        Assert.Equal(("Status", "Success"), ((string?)answer["kind"], (string?)answer["status"]));
        var details = answer["details"]!;
        Assert.Equal((sample.NameOf(1), sample.Plural, (string?)created["metadata"]!["uid"]), ((string?)details["name"], (string?)details["kind"], (string?)details["uid"]));
        Assert.Equal(sample.Group.Length > 0 ? sample.Group : null, (string?)details["group"]);
    }
}
