using System.Text.Json.Nodes;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.PodSecurity;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Admission;

/// <summary>Pod Security Standards: the checks by a table, labels of namespaces by requests.</summary>
public class PodSecurityTests
{
    private const string Good = """{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"c","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"],"add":["NET_BIND_SERVICE"]}}}]}""";

    [Theory]
    [InlineData("baseline", """{"containers":[{"name":"c"}]}""", "")]
    [InlineData("restricted", Good, "")]
    [InlineData("baseline", """{"hostNetwork":true,"hostPID":true,"containers":[{"name":"c","securityContext":{"privileged":true}}]}""", "host namespaces (hostNetwork=true, hostPID=true), privileged (container \"c\" must not set securityContext.privileged=true)")]
    [InlineData("baseline", """{"volumes":[{"name":"a","hostPath":{"path":"/"}},{"name":"b","hostPath":{"path":"/"}}],"containers":[{"name":"c"}]}""", "hostPath volumes (volumes \"a\", \"b\")")]
    [InlineData("baseline", """{"containers":[{"name":"c","ports":[{"hostPort":80}]},{"name":"d","ports":[{"hostPort":81}]}]}""", "hostPort (containers \"c\", \"d\" use hostPorts 80, 81)")]
    [InlineData("baseline", """{"containers":[{"name":"c","securityContext":{"capabilities":{"add":["NET_ADMIN","CHOWN"]}}}]}""", "non-default capabilities (container \"c\" must not include \"NET_ADMIN\" in securityContext.capabilities.add)")]
    [InlineData("baseline", """{"containers":[{"name":"c","securityContext":{"procMount":"Unmasked"}}]}""", "procMount (container \"c\" must not set securityContext.procMount to \"Unmasked\")")]
    [InlineData("baseline", """{"securityContext":{"seLinuxOptions":{"type":"x","user":"u"}},"containers":[{"name":"c"}]}""", "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"x\"; user may not be set)")]
    [InlineData("baseline", """{"securityContext":{"seccompProfile":{"type":"Unconfined"},"sysctls":[{"name":"net.core.x"},{"name":"net.ipv4.tcp_rmem"}]},"containers":[{"name":"c"}]}""", "seccompProfile (pod must not set securityContext.seccompProfile.type to \"Unconfined\"), forbidden sysctls (net.core.x)")]
    [InlineData("baseline", """{"containers":[{"name":"c","livenessProbe":{"httpGet":{"host":"h"}}}]}""", "probe or lifecycle host (container \"c\" uses probe or lifecycle host \"h\")")]
    [InlineData("baseline", """{"securityContext":{"windowsOptions":{"hostProcess":true}},"containers":[{"name":"c"}]}""", "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)")]
    [InlineData("restricted", """{"containers":[{"name":"c"}]}""", "allowPrivilegeEscalation != false (container \"c\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")")]
    [InlineData("restricted", """{"volumes":[{"name":"v","hostPath":{"path":"/"}}],"securityContext":{"runAsNonRoot":false,"runAsUser":0,"seccompProfile":{"type":"Unconfined"}},"containers":[{"name":"c","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"],"add":["CHOWN"]}}}]}""", "unrestricted capabilities (container \"c\" must not include \"CHOWN\" in securityContext.capabilities.add), restricted volume types (volume \"v\" uses restricted volume type \"hostPath\"), runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false), runAsUser=0 (pod must not set runAsUser=0), seccompProfile (pod must not set securityContext.seccompProfile.type to \"Unconfined\")")]
    [InlineData("restricted", """{"os":{"name":"windows"},"securityContext":{"runAsNonRoot":true},"containers":[{"name":"c"}]}""", "")]
    public void Checks_say_what_is_wrong(string standard, string spec, string expected) => Assert.Equal(
        expected,
        string.Join(", ", PodSecurityChecks.Evaluate(Enum.Parse<PodSecurityStandard>(standard, ignoreCase: true), 36, (JsonObject)JsonNode.Parse(spec)!, null)));

    [Fact]
    public async Task Labels_of_the_namespace_decide()
    {
        await using var server = await TestServer.StartAsync(o => o with { Admission = new AdmissionChain([new PodSecurityAdmission(36)]) });
        await server.MustAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"safe","labels":{"pod-security.kubernetes.io/enforce":"baseline","pod-security.kubernetes.io/enforce-version":"v1.30","pod-security.kubernetes.io/warn":"restricted"}}}""");
        var refused = await server.SendAsync("POST", "/api/v1/namespaces/safe/pods", Pod("p", "\"hostPID\":true,"));
        Assert.Equal((403, "pods \"p\" is forbidden: violates PodSecurity \"baseline:v1.30\": host namespaces (hostPID=true)"), (refused.Code, refused.Message));
        await using var watch = server.Watch("/api/v1/namespaces/safe/pods?watch=true");
        var warned = await server.SendAsync("POST", "/api/v1/namespaces/safe/pods", Pod("p"));
        await watch.NextAsync(); // from here on the server's view has the pod
        Assert.Equal(201, warned.Code);
        Assert.StartsWith("would violate PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"c\" must set", warned.Warnings.Single(), StringComparison.Ordinal);
        var deployment = await server.SendAsync("POST", "/apis/apps/v1/namespaces/safe/deployments", """{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"hostPID":true,"containers":[{"name":"c","image":"i"}]}}}}""");
        Assert.Equal(201, deployment.Code);
        Assert.StartsWith("would violate PodSecurity \"restricted:latest\": host namespaces (hostPID=true), allowPrivilegeEscalation", deployment.Warnings.Single(), StringComparison.Ordinal);
        var relabelled = await server.SendAsync("PATCH", "/api/v1/namespaces/safe", """{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted"}}}""", "application/merge-patch+json");
        Assert.Equal(
            ["existing pods in namespace \"safe\" violate the new PodSecurity enforce level \"restricted:v1.30\"", "p: allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile"],
            relabelled.Warnings);
        Assert.Equal(200, (await server.SendAsync("PATCH", "/api/v1/namespaces/safe/pods/p", """{"metadata":{"labels":{"a":"b"}}}""", "application/merge-patch+json")).Code);
        Assert.Equal(200, (await server.SendAsync("PATCH", "/api/v1/namespaces/safe/pods/p", """{"spec":{"containers":[{"name":"c","image":"j"}]}}""", "application/strategic-merge-patch+json")).Code);
    }

    [Fact]
    public async Task Labels_that_mean_nothing_are_refused()
    {
        await using var server = await TestServer.StartAsync(o => o with { Admission = new AdmissionChain([new PodSecurityAdmission(36)]) });
        var refused = await server.SendAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"odd","labels":{"pod-security.kubernetes.io/enforce":"strict","pod-security.kubernetes.io/warn-version":"1.30"}}}""");
        Assert.Equal(
            (422, "Namespace \"odd\" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"strict\": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: \"1.30\": must be \"latest\" or \"v1.x\"]"),
            (refused.Code, refused.Message));
    }

    [Fact]
    public async Task What_is_enforced_is_warned_of_where_warnings_are_not_chosen()
    {
        await using var server = await TestServer.StartAsync(o => o with { Admission = new AdmissionChain([new PodSecurityAdmission(36)]) });
        await server.MustAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"safe","labels":{"pod-security.kubernetes.io/enforce":"baseline","pod-security.kubernetes.io/enforce-version":"v1.30"}}}""");
        const string jobs = "/apis/batch/v1/namespaces/safe/jobs";
        const string job = """{"metadata":{"name":"j"},"spec":{"template":{"spec":{"hostPID":true,"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}""";
        Assert.Equal(["would violate PodSecurity \"baseline:v1.30\": host namespaces (hostPID=true)"], (await server.SendAsync("POST", jobs, job)).Warnings);
        await server.MustAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"quiet","labels":{"pod-security.kubernetes.io/enforce":"baseline","pod-security.kubernetes.io/warn":"privileged"}}}""");
        Assert.Empty((await server.SendAsync("POST", jobs.Replace("safe", "quiet", StringComparison.Ordinal), job)).Warnings);
    }

    [Fact]
    public async Task Labels_of_an_exempt_namespace_are_warned_of_and_wrong_ones_may_stay_as_they_are()
    {
        var settings = PodSecuritySettings.Of((JsonObject)JsonNode.Parse("""{"apiVersion":"pod-security.admission.config.k8s.io/v1","kind":"PodSecurityConfiguration","exemptions":{"namespaces":["free"]}}""")!);
        await using var server = await TestServer.StartAsync(o => o with { Admission = new AdmissionChain([new PodSecurityAdmission(36, settings)]) });
        var made = await server.SendAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"free","labels":{"pod-security.kubernetes.io/enforce":"baseline","pod-security.kubernetes.io/audit-version":"v1.30"}}}""");
        Assert.Equal(["namespace \"free\" is exempt from Pod Security, and the policy (enforce=baseline:latest) will be ignored"], made.Warnings);
        var changed = await server.SendAsync("PATCH", "/api/v1/namespaces/free", """{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted","pod-security.kubernetes.io/audit":"baseline"}}}""", "application/merge-patch+json");
        Assert.Equal(["namespace \"free\" is exempt from Pod Security, and the policy (enforce=restricted:latest, audit=baseline:v1.30) will be ignored"], changed.Warnings);
        var wrong = await server.SendAsync("PATCH", "/api/v1/namespaces/free", """{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"strict"}}}""", "application/merge-patch+json");
        Assert.Equal(422, wrong.Code);
    }

    private static string Pod(string name, string spec = "") => $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{{{{spec}}}"containers":[{"name":"c","image":"i"}]}}""";
}
