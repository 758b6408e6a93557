using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Plugins;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Authorization.Rbac;
using Kobune.ApiServer.Tests.Authorization;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Admission;

/// <summary>Plugins that run only when they are asked for.</summary>
public class OptionalPluginTests
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string Pods = "/api/v1/namespaces/default/pods";
    private static readonly UserInfo Jo = UserInfo.Of("jo");

    [Fact]
    public void They_stand_in_upstreams_order()
    {
        var all = new AdmissionSettings { Enabled = AdmissionPlugins.Names };
        var names = AdmissionPlugins.Of(new RbacAuthorizer(new ObjectTable()), new AuthorizerChain(), TimeProvider.System, all).Plugins.Select(p => p.Name).ToArray();
        Assert.Equal(
            [
                "AlwaysAdmit", "NamespaceAutoProvision", "NamespaceLifecycle", "NamespaceExists", "LimitPodHardAntiAffinityTopology", "LimitRanger", "ServiceAccount", "NodeRestriction", "TaintNodesByCondition",
                "AlwaysPullImages", "PodSecurity", "PodNodeSelector", "Priority", "DefaultTolerationSeconds", "PodTolerationRestriction", "ExtendedResourceToleration", "DefaultStorageClass",
                "StorageObjectInUseProtection", "OwnerReferencesPermissionEnforcement", "PersistentVolumeClaimResize", "RuntimeClass", "CertificateApproval", "CertificateSigning", "CertificateSubjectRestriction",
                "DefaultIngressClass", "DenyServiceExternalIPs", "PodTopologyLabels", "NodeDeclaredFeatureValidator", "MutatingAdmissionPolicy", "MutatingAdmissionWebhook", "ValidatingAdmissionPolicy", "ValidatingAdmissionWebhook", "ResourceQuota", "AlwaysDeny",
            ],
            names.Where(n => n != "RBACEscalation"));
        Assert.Equal(AdmissionPlugins.Names.Order(StringComparer.Ordinal), names.Where(n => n != "RBACEscalation").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("AlwaysAdmit", null)]
    [InlineData("AlwaysDeny", "configmaps \"a\" is forbidden: admission control is denying all modifications")]
    public async Task AlwaysDeny_refuses_every_write_and_AlwaysAdmit_none(string plugin, string? refusal)
    {
        await using var server = await SecuredServer.StartWithoutPolicyAsync(new() { Admission = new() { Enabled = [plugin], Disabled = ["NamespaceLifecycle"] } }, o => o with { KeepsSystemObjects = false });
        var (code, body) = await server.SendAsync(UserInfo.Of("root", UserNames.Masters), "POST", Maps, """{"metadata":{"name":"a"}}""");
        Assert.Equal((refusal is null ? 201 : 403, refusal), (code, (string?)body["message"]));
    }

    [Fact]
    public async Task AlwaysDeny_does_not_keep_the_server_from_starting()
    {
        await using var server = await SecuredServer.StartAsync(new() { Admission = new() { Enabled = ["AlwaysDeny"] } }, o => o with { KeepsSystemObjects = true });
        var root = UserInfo.Of("root", UserNames.Masters);
        Assert.Equal(200, (await server.Host.InProcess.SendAsync(new InProcessRequest(root, "GET", "/readyz"), TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(404, (await server.SendAsync(root, "GET", "/api/v1/namespaces/kube-system")).Code);
        Assert.Equal(403, (await server.SendAsync(root, "POST", "/api/v1/namespaces", """{"metadata":{"name":"a"}}""")).Code);
    }

    /// <summary>What jo may, the write (against an object without owners, or with one that does not block), and what is refused.</summary>
    [Theory]
    [InlineData("create", Free, null)]
    [InlineData("create", Owned, "cannot set an ownerRef on a resource you can't delete: , <nil>")]
    [InlineData("create,delete", Owned, null)]
    [InlineData("create,delete", Blocking, "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>")]
    [InlineData("create,delete,finalizers", Blocking, null)]
    [InlineData("create,delete,finalizers", Unknown, "cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion a.b/v1 Kind Toy: no matches for kind \"Toy\" in version \"a.b/v1\"")]
    [InlineData("update", Owned, null, Owned)]
    [InlineData("update", Free, "cannot set an ownerRef on a resource you can't delete: , <nil>", Owned)]
    [InlineData("update,delete", Free, null, Owned)]
    [InlineData("update,delete", Blocking, "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>", Owned)]
    [InlineData("update,delete", Unblocking, null, Blocking)]
    public async Task Owners_are_given_by_those_who_may_delete(string rights, string owners, string? refusal, string? before = null)
    {
        await using var server = await SecuredServer.StartAsync(new() { Admission = new() { Enabled = ["OwnerReferencesPermissionEnforcement"] } });
        var verbs = string.Join(',', rights.Split(',').Where(r => r != "finalizers").Select(r => $"\"{r}\""));
        await GrantAsync(server, "maps", $$"""{"apiGroups":[""],"resources":["configmaps"],"verbs":[{{verbs}}]}""");
        if (rights.Contains("finalizers", StringComparison.Ordinal))
        {
            await GrantAsync(server, "nodes", """{"apiGroups":[""],"resources":["nodes/finalizers"],"verbs":["update"],"resourceNames":["n"]}""");
        }

        if (before is not null)
        {
            await server.MustAsync("POST", Maps, Map(before));
        }

        var (code, body) = before is null ? await server.SendAsync(Jo, "POST", Maps, Map(owners)) : await server.SendAsync(Jo, "PUT", Maps + "/a", Map(owners));
        Assert.Equal(refusal is null ? null : $"configmaps \"a\" is forbidden: {refusal}", code == 403 ? (string?)body["message"] : null);
        Assert.Equal(refusal is null, code < 400);
    }

    [Theory]
    [InlineData("zone=a,disk=ssd", """{"disk":"ssd","x":"y"}""", """{"disk":"ssd","x":"y","zone":"a"}""")]
    [InlineData("zone=a", null, """{"zone":"a"}""")]
    [InlineData("", """{"x":"y"}""", """{"x":"y"}""")]
    [InlineData("zone=a", """{"zone":"b"}""", "403 pods \"p\" is forbidden: pod node label selector conflicts with its namespace node label selector")]
    [InlineData("zone", null, "500 invalid selector: zone")]
    [InlineData("-=a", null, "500 invalid label key \"-\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')")]
    public async Task Pods_go_where_their_namespace_says(string annotation, string? selector, string outcome)
    {
        var (code, pod) = await PodAsync("PodNodeSelector", new() { ["scheduler.alpha.kubernetes.io/node-selector"] = annotation }, selector is null ? "{}" : $$"""{"nodeSelector":{{selector}}}""");
        Assert.Equal(outcome, code == 201 ? Sorted(pod["spec"]!["nodeSelector"]) : $"{code} {pod["message"]}");
    }

    [Theory]
    [InlineData("""[{"key":"a","operator":"Exists"}]""", "", """[{"key":"b","operator":"Exists"}]""", "b a")]
    [InlineData("""[{"key":"a","operator":"Exists"}]""", "", """[{"key":"a","operator":"Equal","value":"1","effect":"NoSchedule"}]""", "a")]
    [InlineData("", """[{"key":"a","operator":"Exists"}]""", """[{"key":"a","operator":"Equal","value":"1"}]""", "a")]
    [InlineData("", """[{"key":"a","operator":"Exists"}]""", """[{"key":"b","operator":"Exists"}]""", Outside)]
    [InlineData("""[{"key":"b","operator":"Exists"}]""", """[{"key":"a","operator":"Exists"}]""", "[]", Outside)]
    [InlineData("", """[{"operator":"Exists","effect":"NoExecute","tolerationSeconds":10}]""", """[{"key":"a","operator":"Exists","effect":"NoExecute","tolerationSeconds":11}]""", Outside)]
    [InlineData("", """[{"operator":"Exists","effect":"NoExecute","tolerationSeconds":10}]""", """[{"key":"a","operator":"Exists","effect":"NoExecute","tolerationSeconds":10}]""", "a")]
    [InlineData("", """[{"key":"a","operator":"Equal","value":"1"}]""", """[{"key":"a","operator":"Equal","value":"2"}]""", Outside)]
    public async Task Tolerations_come_from_the_namespace_and_stay_within_it(string defaults, string allowed, string own, string outcome)
    {
        var (code, pod) = await PodAsync(
            "PodTolerationRestriction",
            new() { ["scheduler.alpha.kubernetes.io/defaultTolerations"] = defaults, ["scheduler.alpha.kubernetes.io/tolerationsWhitelist"] = allowed },
            $$"""{"tolerations":{{own}}}""");
        Assert.Equal(outcome, code == 201 ? string.Join(' ', pod["spec"]!["tolerations"]!.AsArray().Select(t => (string?)t!["key"])) : $"{code} {pod["message"]}");
    }

    [Fact]
    public async Task Pods_with_requests_tolerate_pressure_of_memory()
    {
        var (_, pod) = await PodAsync("PodTolerationRestriction", [], """{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"1"}}}]}""");
        Assert.Equal("""[{"key":"node.kubernetes.io/memory-pressure","operator":"Exists","effect":"NoSchedule"}]""", pod["spec"]!["tolerations"]!.ToJsonString());
    }

    private const string Outside = "500 pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist";
    private const string Free = "[]";
    private const string Owned = """[{"apiVersion":"v1","kind":"Node","name":"n","uid":"1"}]""";
    private const string Unblocking = """[{"apiVersion":"v1","kind":"Node","name":"n","uid":"1","blockOwnerDeletion":false}]""";
    private const string Blocking = """[{"apiVersion":"v1","kind":"Node","name":"n","uid":"1","blockOwnerDeletion":true}]""";
    private const string Unknown = """[{"apiVersion":"a.b/v1","kind":"Toy","name":"n","uid":"1","blockOwnerDeletion":true}]""";

    private static string Map(string owners) => $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","ownerReferences":{{owners}} } }""";

    private static string? Sorted(JsonNode? node) => node is JsonObject map ? new JsonObject(map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))).ToJsonString() : null;

    private static async Task GrantAsync(SecuredServer server, string name, string rule)
    {
        await server.MustAsync("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", $$"""{"metadata":{"name":"{{name}}"},"rules":[{{rule}}]}""", user: UserInfo.Of("root", UserNames.Masters));
        await server.MustAsync("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", $$"""{"metadata":{"name":"{{name}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{name}}"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"jo"}]}""", user: UserInfo.Of("root", UserNames.Masters));
        await server.SeesAsync<global::Kobune.Api.Rbac.V1.ClusterRole>("", name);
        await server.SeesAsync<global::Kobune.Api.Rbac.V1.ClusterRoleBinding>("", name);
    }

    private static async Task<(int Code, JsonObject Pod)> PodAsync(string plugin, Dictionary<string, string> annotations, string spec)
    {
        await using var server = await SecuredServer.StartAsync(new() { Admission = new() { Enabled = [plugin], Disabled = ["ServiceAccount", "DefaultTolerationSeconds"] } });
        var space = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "team", ["annotations"] = new JsonObject(annotations.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value))) } };
        await server.MustAsync("POST", "/api/v1/namespaces", space.ToJsonString());
        var pod = (JsonObject)JsonNode.Parse(spec)!;
        pod["containers"] ??= JsonNode.Parse("""[{"name":"c","image":"i"}]""");
        return await server.SendAsync(SecuredServer.Admin, "POST", Pods.Replace("default", "team", StringComparison.Ordinal), new JsonObject { ["metadata"] = new JsonObject { ["name"] = "p" }, ["spec"] = pod }.ToJsonString());
    }
}
