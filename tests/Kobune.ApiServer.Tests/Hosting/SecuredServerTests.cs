using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Rbac.V1;
using Kobune.Api.Schema;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization.Rbac;
using Kobune.ApiServer.Certificates;

namespace Kobune.ApiServer.Tests.Hosting;

public sealed class SecuredServerTests : IAsyncLifetime
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private static readonly UserInfo Kubelet = UserInfo.Of("system:node:n1", "system:nodes");
    private SecuredServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await SecuredServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Policy_is_there_and_a_second_start_writes_nothing()
    {
        Assert.Empty(BootstrapPolicy.Plan(_server.Host.Objects, FeatureGates.Default(KubernetesVersion.Newest)));
        var (code, _) = await _server.SendAsync(UserInfo.Of("bob"), "GET", "/api/v1/namespaces");
        Assert.Equal(403, code);
        Assert.Equal(0, _server.Security.Denied.Count);
    }

    [Fact]
    public async Task Clients_wait_for_the_policy_instead_of_being_refused()
    {
        await using var server = await SecuredServer.StartWithoutPolicyAsync();
        var early = server.SendHttpsAsync("/version");
        Assert.Equal(500, await ReadyCodeAsync(server));
        Assert.False(early.IsCompleted);
        await server.Security.EnsurePolicyAsync(server.Host, TestContext.Current.CancellationToken);
        Assert.Equal((200, 200), ((await early).Code, await ReadyCodeAsync(server)));
    }

    [Fact]
    public async Task Strangers_are_refused_in_upstreams_words()
    {
        var (code, body) = await _server.SendAsync(UserInfo.Of("bob"), "GET", Pods);
        Assert.Equal((403, "pods is forbidden: User \"bob\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\""), (code, (string?)body["message"]));
    }

    [Theory]
    [InlineData("PUT", "", """{"metadata":{"name":"cr"},"rules":[]}""", null)]
    [InlineData("PATCH", "?fieldManager=x", """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"cr"},"rules":[]}""", "application/apply-patch+yaml")]
    public async Task Who_may_change_but_not_create_makes_nothing_by_put_or_apply(string method, string query, string body, string? type)
    {
        await _server.MustAsync("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", """{"metadata":{"name":"changer"},"rules":[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"],"verbs":["update","patch"]}]}""");
        await _server.MustAsync("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """{"metadata":{"name":"changer"},"roleRef":{"kind":"ClusterRole","name":"changer"},"subjects":[{"kind":"User","name":"carol"}]}""");
        await _server.SeesAsync<ClusterRoleBinding>("", "changer");
        var (code, answer) = await _server.SendAsync(UserInfo.Of("carol"), method, $"/apis/rbac.authorization.k8s.io/v1/clusterroles/cr{query}", body, type);
        Assert.Equal(403, code);
        Assert.Contains("User \"carol\" cannot create resource \"clusterroles\"", (string?)answer["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pod_waits_for_its_account_and_comes_out_whole()
    {
        var pending = _server.SendAsync(SecuredServer.Admin, "POST", Pods, PodOf("web"));
        await MakeAccountAsync();
        var (code, pod) = await pending;
        Assert.True(code == 201, pod.ToJsonString());
        var spec = pod["spec"]!;
        Assert.Equal("default", (string?)spec["serviceAccountName"]);
        Assert.StartsWith("kube-api-access-", (string?)spec["volumes"]![0]!["name"], StringComparison.Ordinal);
        Assert.Equal(2, spec["tolerations"]!.AsArray().Count);
        Assert.Equal((0, "PreemptLowerPriority", true), ((int)spec["priority"]!, (string?)spec["preemptionPolicy"], (bool)spec["enableServiceLinks"]!));
        Assert.Equal(("Pending", "BestEffort"), ((string?)pod["status"]!["phase"], (string?)pod["status"]!["qosClass"]));
    }

    [Fact]
    public async Task Bad_deployment_gets_upstreams_status()
    {
        var (code, status) = await _server.SendAsync(SecuredServer.Admin, "POST", "/apis/apps/v1/namespaces/default/deployments", """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"c"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");
        Assert.Equal(422, code);
        Assert.Equal("Deployment.apps \"d\" is invalid: spec.template.metadata.labels: Invalid value: {\"a\":\"c\"}: `selector` does not match template `labels`", (string?)status["message"]);
        Assert.Equal(("FieldValueInvalid", "spec.template.metadata.labels"), ((string?)status["details"]!["causes"]![0]!["reason"], (string?)status["details"]!["causes"]![0]!["field"]));
    }

    [Fact]
    public async Task Token_of_a_pod_works_over_https_until_the_pod_is_gone()
    {
        await MakeAccountAsync();
        var pod = await _server.MustAsync("POST", Pods, PodOf("web"));
        var request = $$$$"""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3607,"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"web","uid":"{{{{(string?)pod["metadata"]!["uid"]}}}}"}}}""";
        var answer = await _server.MustAsync("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", request);
        var token = (string)answer["status"]!["token"]!;
        var (code, body) = await _server.SendHttpsAsync(Pods, token: token);
        Assert.Equal((403, "pods is forbidden: User \"system:serviceaccount:default:default\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\""), (code, (string?)JsonNode.Parse(body)!["message"]));
        Assert.Equal(200, (await _server.SendHttpsAsync("/openid/v1/jwks", token: token)).Code);
        await _server.MustAsync("DELETE", Pods + "/web?gracePeriodSeconds=0");
        while (code == 403)
        {
            code = (await _server.SendHttpsAsync(Pods, token: token)).Code; // the authenticator looks at the server's view, which may be a moment late
        }

        Assert.Equal(401, code);
    }

    [Fact]
    public async Task Https_knows_certificates_strangers_and_nobody()
    {
        Assert.Equal(200, (await _server.SendHttpsAsync(Pods, _server.Certificates.IssueClient("kubernetes-admin", "kubeadm:cluster-admins"))).Code);
        using var stranger = CertificateAuthority.Create("kubernetes", TimeProvider.System);
        Assert.Equal(401, (await _server.SendHttpsAsync(Pods, stranger.Issue(CertificateProfile.Client("x", "system:masters")))).Code);
        Assert.Equal(401, (await _server.SendHttpsAsync(Pods, token: "wrong")).Code);
        Assert.Equal(403, (await _server.SendHttpsAsync(Pods)).Code);
        Assert.Equal(200, (await _server.SendHttpsAsync("/version")).Code);
    }

    [Fact]
    public async Task Kubelet_does_its_work_and_reaches_nothing_else()
    {
        await MakeAccountAsync();
        var node = await _server.MustAsync("POST", "/api/v1/nodes", """{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","labels":{"kubernetes.io/hostname":"n1"}},"status":{"capacity":{"cpu":"2"}}}""", user: Kubelet);
        Assert.Equal("node.kubernetes.io/not-ready", (string?)node["spec"]!["taints"]![0]!["key"]);
        Assert.Equal("2", (string?)node["status"]!["allocatable"]!["cpu"]);
        await _server.MustAsync("PATCH", "/api/v1/nodes/n1/status", """{"status":{"conditions":[{"type":"Ready","status":"True"}]}}""", "application/strategic-merge-patch+json", Kubelet);
        await _server.MustAsync("POST", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", """{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"n1"},"spec":{"holderIdentity":"n1","leaseDurationSeconds":40}}""", user: Kubelet);
        foreach (var name in new[] { "mine", "other" })
        {
            await _server.MustAsync("POST", "/api/v1/namespaces/default/secrets", $$$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"{{{name}}}"}}""");
        }

        var pod = await _server.MustAsync("POST", Pods, """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"nodeName":"n1","containers":[{"name":"c","image":"i"}],"volumes":[{"name":"s","secret":{"secretName":"mine"}}]}}""");
        await _server.SeesAsync<Pod>("default", "web");
        await _server.MustAsync("GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1", user: Kubelet);
        await _server.MustAsync("GET", "/api/v1/namespaces/default/secrets/mine", user: Kubelet);
        await _server.MustAsync("PATCH", Pods + "/web/status", """{"status":{"phase":"Running"}}""", "application/strategic-merge-patch+json", Kubelet);
        await _server.MustAsync("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", $$$$"""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3607,"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"web","uid":"{{{{(string?)pod["metadata"]!["uid"]}}}}"}}}""", user: Kubelet);
        Assert.Equal(0, _server.Security.Denied.Count);
        var (code, body) = await _server.SendAsync(Kubelet, "GET", "/api/v1/namespaces/default/secrets/other");
        Assert.Equal((403, "secrets \"other\" is forbidden: User \"system:node:n1\" cannot get resource \"secrets\" in API group \"\" in the namespace \"default\": no relationship found between node 'n1' and this object"), (code, (string?)body["message"]));
        (code, body) = await _server.SendAsync(Kubelet, "POST", "/api/v1/namespaces/default/serviceaccounts/default/token", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}""");
        Assert.Equal((403, "serviceaccounts \"default\" is forbidden: node requested token not bound to a pod"), (code, (string?)body["message"]));
        Assert.Equal(1, _server.Security.Denied.Count);
    }

    [Fact]
    public async Task Quota_is_charged_with_the_object_and_holds()
    {
        await MakeAccountAsync();
        await _server.MustAsync("POST", "/api/v1/namespaces/default/resourcequotas", """{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"q"},"spec":{"hard":{"pods":"2"}}}""");
        await _server.SeesAsync<ResourceQuota>("default", "q");
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => _server.SendAsync(SecuredServer.Admin, "POST", Pods, PodOf($"p{i}"))));
        Assert.Equal(2, answers.Count(a => a.Code == 201));
        Assert.All(answers.Where(a => a.Code != 201), a => Assert.EndsWith("is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2", (string?)a.Body["message"], StringComparison.Ordinal));
        var quota = await _server.MustAsync("GET", "/api/v1/namespaces/default/resourcequotas/q");
        Assert.Equal("2", (string?)quota["status"]!["used"]!["pods"]);
    }

    [Fact]
    public async Task Nobody_escalates_and_reviews_tell_the_truth()
    {
        await _server.MustAsync("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"admin"},"subjects":[{"kind":"User","name":"alice"}]}""");
        await _server.SeesAsync<RoleBinding>("default", "b");
        var alice = UserInfo.Of("alice");
        var (code, body) = await _server.SendAsync(alice, "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"c"},"roleRef":{"kind":"ClusterRole","name":"cluster-admin"},"subjects":[{"kind":"User","name":"alice"}]}""");
        Assert.Equal(403, code);
        Assert.StartsWith("rolebindings.rbac.authorization.k8s.io \"c\" is forbidden: user \"alice\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:", (string?)body["message"], StringComparison.Ordinal);
        var review = await _server.MustAsync("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"delete","resource":"pods","namespace":"default"}}}""", user: alice);
        Assert.True((bool)review["status"]!["allowed"]!);
        Assert.Equal("RBAC: allowed by RoleBinding \"b/default\" of ClusterRole \"admin\" to User \"alice\"", (string?)review["status"]!["reason"]);
        var who = await _server.MustAsync("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", """{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}""", user: alice);
        Assert.Equal("alice", (string?)who["status"]!["userInfo"]!["username"]);
    }

    private static async Task<int> ReadyCodeAsync(SecuredServer server) =>
        (await server.Host.InProcess.SendAsync(new InProcessRequest(UserInfo.Of("system:apiserver", UserNames.Masters), "GET", "/readyz"), TestContext.Current.CancellationToken)).StatusCode;

    private static string PodOf(string name) => $$$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}"},"spec":{"containers":[{"name":"c","image":"i"}]}}""";

    private Task<JsonObject> MakeAccountAsync() =>
        _server.MustAsync("POST", "/api/v1/namespaces/default/serviceaccounts", """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}""");
}
