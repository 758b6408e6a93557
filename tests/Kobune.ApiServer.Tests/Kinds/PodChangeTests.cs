using System.Text;
using Kobune.ApiServer.Registry;
using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Changes of pods, of their ephemeral containers and their status, with the whole Status that refuses them.</summary>
public class PodChangeTests
{
    private const string Pod = """{"metadata":{"name":"web"},"spec":{"terminationGracePeriodSeconds":30,"restartPolicy":"Never","containers":[{"name":"c","image":"nginx:1","imagePullPolicy":"Always"}]}}""";
    private const string Term = """{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"Exists"}MORE]}]}}}""";
    private const string Required = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution";
    private const string Two = """{"matchExpressions":[{"key":"a","operator":"Exists"}]}""";
    private const string Shown = """{"MatchExpressions":[{"Key":"a","Operator":"Exists","Values":null}],"MatchFields":null}""";

    private static string Gated => With(With(With(Pod, "spec.schedulingGates", """[{"name":"g"}]"""), "spec.nodeSelector", """{"a":"b"}"""), "spec.affinity", Term.Replace("MORE", "", StringComparison.Ordinal));

    public static TheoryData<string, string, string> OfGated => new()
    {
        { "spec.nodeSelector", """{"a":"b","c":"d"}""", "" },
        { "spec.nodeSelector", """{"a":"c"}""", "FieldValueInvalid spec.nodeSelector: Invalid value: {\"a\":\"c\"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)" },
        { "spec.affinity", Term.Replace("MORE", """,{"key":"b","operator":"Exists"}""", StringComparison.Ordinal), "" },
        { "spec.affinity", """{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"b","operator":"Exists"}]}]}}}""", $$"""FieldValueInvalid {{Required}}.nodeSelectorTerms[0]: Invalid value: {"MatchExpressions":[{"Key":"b","Operator":"Exists","Values":null}],"MatchFields":null}: only additions are allowed (no mutations or deletions)""" },
        { "spec.affinity", "{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{\"nodeSelectorTerms\":[" + Two + "," + Two + "]}}}", "FieldValueInvalid " + Required + ".nodeSelectorTerms: Invalid value: {\"NodeSelectorTerms\":[" + Shown + "," + Shown + "]}: no additions/deletions to non-empty NodeSelectorTerms list are allowed" },
        { "spec.schedulingGates", """[{"name":"g"},{"name":"h"}]""", "FieldValueForbidden spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'h'" },
        { "spec.schedulingGates", "[]", "" },
    };

    public static TheoryData<string, string, string> Others => new()
    {
        { "metadata.annotations", """{"kubernetes.io/config.mirror":"x"}""", "FieldValueInvalid metadata.annotations[kubernetes.io/config.mirror]: Invalid value: \"x\": must set spec.nodeName if mirror pod annotation is set\nFieldValueForbidden metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation" },
        { "metadata.annotations", """{"container.apparmor.security.beta.kubernetes.io/c":"unconfined"}""", "FieldValueForbidden metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: Forbidden: may not add AppArmor annotations" },
        { "metadata.annotations", """{"controller.kubernetes.io/pod-deletion-cost":"+1"}""", "FieldValueInvalid metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"+1\": must be a 32bit integer" },
        { "spec.containers.0.image", "\"\"", "FieldValueRequired spec.containers[0].image: Required value" },
        { "spec.activeDeadlineSeconds", "-1", "FieldValueInvalid spec.activeDeadlineSeconds: Invalid value: -1: must be between 1 and 2147483647, inclusive\nFieldValueInvalid spec.activeDeadlineSeconds: Invalid value: -1: must be between 0 and 2147483647, inclusive" },
        { "spec.initContainers", """[{"name":"i","image":"i"}]""", "FieldValueForbidden spec.initContainers: Forbidden: pod updates may not add or remove containers" },
    };

    public static TheoryData<string, string> Ephemeral => new()
    {
        { """[{"name":"d","image":"i","ports":[{"containerPort":80}]}]""", "FieldValueForbidden spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container" },
        { """[{"name":"d","image":"i","resources":{"limits":{"cpu":"1"}}}]""", "FieldValueForbidden spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container" },
        { """[{"name":"d","image":"i","livenessProbe":{"exec":{"command":["a"]}}}]""", "FieldValueForbidden spec.ephemeralContainers[0].livenessProbe: Forbidden: cannot be set for an Ephemeral Container" },
        { """[{"name":"c","image":"i"}]""", "FieldValueDuplicate spec.ephemeralContainers[0].name: Duplicate value: \"c\"" },
        { """[{"name":"d","image":"i","targetContainerName":"x"}]""", "FieldValueNotFound spec.ephemeralContainers[0].targetContainerName: Not found: \"x\"" },
        { """[{"name":"d","image":"i","volumeMounts":[{"name":"v","mountPath":"/a"}]}]""", "FieldValueNotFound spec.ephemeralContainers[0].volumeMounts[0].name: Not found: \"v\"" },
        { """[{"name":"d","image":"i","securityContext":{"runAsUser":-1}}]""", "FieldValueInvalid spec.ephemeralContainers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive" },
    };

    public static TheoryData<string, string> States => new()
    {
        { """{"containerStatuses":[{"name":"c","state":{"running":{}}}]}""", "FieldValueForbidden status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state" },
        { """{"conditions":[{"type":"A b","status":"True"}]}""", "FieldValueInvalid status.conditions[0].Type: Invalid value: \"A b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')" },
        { """{"resourceClaimStatuses":[{"name":"x"}]}""", "FieldValueInvalid status.resourceClaimStatuses[0].name: Invalid value: \"x\": must match the name of an entry in `spec.resourceClaims`" },
        { """{"extendedResourceClaimStatus":{"requestMappings":[],"resourceClaimName":""}}""", "FieldValueRequired status.extendedResourceClaimStatus.requestMappings: Required value: at least one request mapping is required\nFieldValueRequired status.extendedResourceClaimStatus.resourceClaimName: Required value" },
        { """{"extendedResourceClaimStatus":{"requestMappings":[{"containerName":"x","resourceName":"example.com/gpu","requestName":"r"}],"resourceClaimName":"c"}}""", "FieldValueInvalid status.extendedResourceClaimStatus.requestMappings[0].containerName: Invalid value: \"x\": must match the name of an entry in spec.initContainers.name or spec.containers.name" },
        { """{"extendedResourceClaimStatus":{"requestMappings":[{"containerName":"c","resourceName":"example.com/gpu","requestName":"R"}],"resourceClaimName":"c"}}""", "FieldValueInvalid status.extendedResourceClaimStatus.requestMappings[0].resourceName: Invalid value: \"example.com/gpu\": must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests\nFieldValueInvalid status.extendedResourceClaimStatus.requestName: Invalid value: \"R\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')" },
        { """{"nominatedNodeName":"A"}""", "FieldValueInvalid status.nominatedNodeName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')" },
    };

    [Theory, MemberData(nameof(OfGated))]
    public void A_gated_pod_may_only_be_aimed_more_narrowly(string field, string value, string problems) => Expect(problems, RefusedUpdate("pods", "Pod", Gated, With(Gated, field, value)));

    [Theory, MemberData(nameof(Others))]
    public void A_pods_change_is_refused(string field, string value, string problems) => Expect(problems, RefusedUpdate("pods", "Pod", Pod, With(Pod, field, value)));

    [Theory, MemberData(nameof(Ephemeral))]
    public void An_ephemeral_container_is_refused(string containers, string problems) =>
        Expect(problems, RefusedUpdate("pods", "Pod", Pod, With(Pod, "spec.ephemeralContainers", containers), "ephemeralcontainers"));

    [Fact]
    public void A_pod_that_a_rule_may_begin_anew_has_no_container_that_ended_for_good()
    {
        const string rules = """[{"name":"c","image":"i","restartPolicy":"Never","restartPolicyRules":[{"action":"RestartAllContainers","exitCodes":{"operator":"In","values":[88]}}]}]""";
        var old = With(With(Prepared("pods", Pod).ToJsonString(), "status.containerStatuses", """[{"name":"c","state":{"terminated":{"exitCode":1}}}]"""), "spec.containers", rules);
        var errors = new FieldErrors();
        var now = With(old, "status", """{"qosClass":"BestEffort","containerStatuses":[{"name":"c","state":{"waiting":{}}}]}""");
        Of("pods").ValidateUpdate(new(Encoding.UTF8.GetBytes(now)), new(Encoding.UTF8.GetBytes(old)), "status", errors);
        Assert.Empty(errors.Items);
    }

    [Theory, MemberData(nameof(States))]
    public void A_status_is_refused(string status, string problems)
    {
        var old = With(Prepared("pods", Pod).ToJsonString(), "status.containerStatuses", """[{"name":"c","state":{"terminated":{"exitCode":1}}}]""");
        var errors = new FieldErrors();
        var now = With(old, "status", With(status, "qosClass", "\"BestEffort\""));
        Of("pods").ValidateUpdate(new(Encoding.UTF8.GetBytes(now)), new(Encoding.UTF8.GetBytes(old)), "status", errors);
        Assert.Equal(problems, string.Join("\n", errors.Items.Select(e => $"{e.Type} {e.Field}: {e.Message}")));
    }

    private static void Expect(string problems, string refusal) => Assert.Equal(problems.Length == 0 ? "nothing was refused" : Status("pods", "Pod", "web", problems), refusal);
}
