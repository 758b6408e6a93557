using System.Diagnostics;
using Kobune.Api.Features;
using Kobune.Api.Rbac.V1;
using Kobune.Api.Schema;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Authorization.Rbac;

namespace Kobune.ApiServer.Tests.Authorization;

public class RbacAuthorizerTests
{
    private static readonly UserInfo Alice = UserInfo.Of("alice", "devs");

    [Theory]
    [InlineData("get pods default/web", true)]
    [InlineData("get pods/log default/web", false)]
    [InlineData("get pods/status default/web", true)]
    [InlineData("get deployments.apps default/web", false)]
    [InlineData("get deployments.apps/status default/web", false)]
    [InlineData("update configmaps default/only", true)]
    [InlineData("update configmaps default/other", false)]
    [InlineData("list configmaps default/", false)]
    [InlineData("get pods other/web", false)]
    [InlineData("get pods /", false)]
    [InlineData("get secrets any/x", true)]
    [InlineData("get nodes /n", true)]
    [InlineData("delete nodes /n", false)]
    [InlineData("get replicasets.apps/scale default/x", true)]
    [InlineData("get replicasets.apps default/x", false)]
    [InlineData("get /metrics", true)]
    [InlineData("get /apis/apps/v1", true)]
    [InlineData("post /metrics", false)]
    [InlineData("get /healthz", false)]
    public async Task Rule_matches_as_upstreams(string request, bool allowed)
    {
        var objects = new ObjectTable()
            .Put(Role("default", "r", Rule("get,list", "", "pods,pods/status"), Rule("update", "", "configmaps", "only"), Rule("get", "*", "*/scale")))
            .Put(ClusterRole("c", Rule("get", "", "secrets,nodes"), new() { Verbs = ["get"], NonResourceURLs = ["/metrics", "/apis/*"] }))
            .Put(Bind("default", "b", "Role", "r", User("alice")))
            .Put(BindCluster("cb", "c", Group("devs")));
        var result = await new RbacAuthorizer(objects).AuthorizeAsync(Alice, Ask.For(request), default);
        Assert.Equal(allowed, result.Decision == Decision.Allow);
    }

    [Fact]
    public async Task Reasons_have_upstreams_words()
    {
        var objects = new ObjectTable()
            .Put(ClusterRole("c", Rule("get", "", "pods")))
            .Put(Bind("default", "b", "ClusterRole", "c", Account("", "robot")))
            .Put(BindCluster("gone", "missing", Group("devs")));
        var rbac = new RbacAuthorizer(objects);
        var robot = UserInfo.OfServiceAccount("default", "robot");
        Assert.Equal("RBAC: allowed by RoleBinding \"b/default\" of ClusterRole \"c\" to ServiceAccount \"robot/default\"", (await rbac.AuthorizeAsync(robot, Ask.For("get pods default/x"), default)).Reason);
        Assert.Equal("RBAC: clusterrole.rbac.authorization.k8s.io \"missing\" not found", (await rbac.AuthorizeAsync(Alice, Ask.For("get pods default/x"), default)).Reason);
        Assert.Equal("", (await rbac.AuthorizeAsync(UserInfo.Anonymous, Ask.For("get pods default/x"), default)).Reason);
    }

    [Fact]
    public async Task Change_of_role_or_binding_counts_at_once()
    {
        var objects = new ObjectTable().Put(BindCluster("b", "c", User("alice")));
        var rbac = new RbacAuthorizer(objects);
        Assert.False(await Allows(rbac, "get pods default/x"));
        objects.Put(ClusterRole("c", Rule("get", "", "pods")));
        Assert.True(await Allows(rbac, "get pods default/x"));
        objects.Put(ClusterRole("c", Rule("list", "", "pods")));
        Assert.False(await Allows(rbac, "get pods default/x"));
        objects.Remove<ClusterRoleBinding>("", "b");
        Assert.False(await Allows(rbac, "list pods default/x"));
    }

    [Theory]
    [InlineData("system:kube-scheduler", "create bindings default/x", true)]
    [InlineData("system:kube-scheduler", "create pods/binding default/x", true)]
    [InlineData("system:kube-scheduler", "list pods /", true)]
    [InlineData("system:kube-scheduler", "delete secrets default/x", false)]
    [InlineData("system:kube-controller-manager", "create serviceaccounts/token kube-system/x", true)]
    [InlineData("system:kube-controller-manager", "delete pods default/x", false)]
    [InlineData("system:serviceaccount:kube-system:replicaset-controller", "create pods default/x", true)]
    [InlineData("system:serviceaccount:kube-system:replicaset-controller", "create secrets default/x", false)]
    [InlineData("system:serviceaccount:kube-system:deployment-controller", "create replicasets.apps default/x", true)]
    [InlineData("system:serviceaccount:kube-system:endpointslice-controller", "create endpointslices.discovery.k8s.io default/x", true)]
    [InlineData("system:kube-proxy", "watch endpointslices.discovery.k8s.io /", true)]
    [InlineData("nobody", "create selfsubjectaccessreviews.authorization.k8s.io /", true)]
    [InlineData("nobody", "get /healthz", true)]
    [InlineData("system:serviceaccount:kube-system:coredns", "watch endpointslices.discovery.k8s.io /", true)]
    [InlineData("nobody", "get /api", true)]
    [InlineData("nobody", "get pods default/x", false)]
    public async Task Bootstrap_policy_gives_components_their_rights_and_no_more(string user, string request, bool allowed)
    {
        Assert.Equal(allowed, (await new RbacAuthorizer(Bootstrapped()).AuthorizeAsync(UserInfo.ForComponent(user), Ask.For(request), default)).Decision == Decision.Allow);
    }

    [Theory]
    [InlineData("admin", "create rolebindings.rbac.authorization.k8s.io default/x", true)]
    [InlineData("admin", "delete pods default/x", true)]
    [InlineData("admin", "get configmaps default/x", true)]
    [InlineData("admin", "create pods other/x", false)]
    [InlineData("edit", "delete pods default/x", true)]
    [InlineData("edit", "get secrets default/x", true)]
    [InlineData("edit", "create rolebindings.rbac.authorization.k8s.io default/x", false)]
    [InlineData("view", "get pods/log default/x", true)]
    [InlineData("view", "get secrets default/x", false)]
    [InlineData("view", "create pods default/x", false)]
    public async Task Aggregated_roles_have_their_rules_on_a_fresh_cluster(string role, string request, bool allowed)
    {
        var objects = Bootstrapped().Put(Bind("default", "b", "ClusterRole", role, User("alice")));
        Assert.Equal(allowed, await Allows(new(objects), request));
    }

    [Fact]
    public void Bootstrap_policy_is_complete_and_settles()
    {
        Assert.Equal((72, 57, 9, 9), (BootstrapPolicy.ClusterRoles.Count, BootstrapPolicy.ClusterRoleBindings.Count, BootstrapPolicy.Roles.Count, BootstrapPolicy.RoleBindings.Count));
        Assert.Equal("rbac-defaults", BootstrapPolicy.ClusterRoles[0].Metadata.Labels["kubernetes.io/bootstrapping"]);
        Assert.Empty(BootstrapPolicy.Plan(Bootstrapped(), FeatureGates.Default(KubernetesVersion.Newest)));
    }

    [Fact]
    public void A_controller_behind_a_gate_has_its_role_where_the_gate_is_on()
    {
        var writes = BootstrapPolicy.Plan(Bootstrapped(), FeatureGates.Parse(KubernetesVersion.Newest, "StorageVersionMigrator=true"));
        Assert.Equal(["system:controller:storage-version-migrator-controller", "system:controller:storage-version-migrator-controller"], writes.Select(w => w.Metadata.Name));
        Assert.Equal("storage-version-migrator-controller", Assert.Single(((ClusterRoleBinding)writes[1]).Subjects).Name);
        Assert.Contains(((ClusterRole)writes[0]).Rules, r => r.Verbs.SequenceEqual(["create", "list", "patch"]) && r.APIGroups.Contains("*") && r.Resources.Contains("*"));
    }

    [Fact]
    public void Rules_behind_a_gate_are_added_to_roles_where_the_gate_is_on()
    {
        var writes = BootstrapPolicy.Plan(Bootstrapped(), FeatureGates.Parse(KubernetesVersion.Newest, "DRADeviceTaintRules=true"));
        Assert.Equal(["system:controller:device-taint-eviction-controller", "system:kube-scheduler"], writes.Select(w => w.Metadata.Name).Order(StringComparer.Ordinal));
        Assert.All(writes, w => Assert.Equal(["get", "list", "watch"], Assert.Single(((ClusterRole)w).Rules, r => r.Resources.Contains("devicetaintrules")).Verbs));
    }

    [Fact]
    public void Reconciliation_adds_what_is_missing_and_keeps_what_was_added()
    {
        var objects = Bootstrapped();
        var discovery = objects.Find<ClusterRole>("", "system:discovery")!;
        objects.Put(discovery with { Rules = [Rule("get", "", "pods")] });
        var kept = objects.Find<ClusterRole>("", "system:basic-user")!;
        objects.Put(kept with { Rules = [], Metadata = kept.Metadata with { Annotations = new Dictionary<string, string> { ["rbac.authorization.kubernetes.io/autoupdate"] = "false" } } });
        objects.Remove<ClusterRoleBinding>("", "system:kube-dns");
        var writes = BootstrapPolicy.Plan(objects, FeatureGates.Default(KubernetesVersion.Newest));
        Assert.Equal(["system:discovery", "system:kube-dns"], writes.Select(w => w.Metadata.Name));
        var merged = ((ClusterRole)writes[0]).Rules;
        Assert.Equal(Rule("get", "", "pods"), merged[0]);
        Assert.Contains("/healthz", merged.SelectMany(r => r.NonResourceURLs));
    }

    [Fact]
    public async Task Masters_pass_without_a_binding()
    {
        var chain = new AuthorizerChain(new RbacAuthorizer(new ObjectTable()));
        Assert.Equal(Decision.Allow, (await chain.AuthorizeAsync(UserInfo.Of("root", "system:masters"), Ask.For("delete nodes /x"), default)).Decision);
        Assert.Equal(Decision.NoOpinion, (await chain.AuthorizeAsync(Alice, Ask.For("delete nodes /x"), default)).Decision);
    }

    [Fact]
    public async Task Deciding_costs_a_few_microseconds()
    {
        var objects = Bootstrapped().Put(Bind("default", "b", "ClusterRole", "admin", User("alice")));
        var chain = new AuthorizerChain(new RbacAuthorizer(objects));
        var request = Ask.For("update deployments.apps/scale default/x");
        for (var i = 0; i < 20_000; i++)
        {
            await chain.AuthorizeAsync(Alice, request, default);
        }

        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 20_000; i++)
        {
            await chain.AuthorizeAsync(Alice, request, default);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{watch.Elapsed.TotalMicroseconds / 20_000:F2} us per request");
    }

    internal static ObjectTable Bootstrapped()
    {
        var objects = new ObjectTable();
        foreach (var role in BootstrapPolicy.ClusterRoles)
        {
            objects.Put(role);
        }

        foreach (var role in BootstrapPolicy.Roles)
        {
            objects.Put(role);
        }

        foreach (var binding in BootstrapPolicy.ClusterRoleBindings)
        {
            objects.Put(binding);
        }

        foreach (var binding in BootstrapPolicy.RoleBindings)
        {
            objects.Put(binding);
        }

        return objects;
    }

    internal static PolicyRule Rule(string verbs, string groups, string resources, string names = "") => new()
    {
        Verbs = verbs.Split(','),
        APIGroups = groups.Split(','),
        Resources = resources.Split(','),
        ResourceNames = names.Length == 0 ? [] : names.Split(','),
    };

    internal static ClusterRole ClusterRole(string name, params PolicyRule[] rules) => new() { Metadata = new() { Name = name }, Rules = rules };

    internal static Role Role(string space, string name, params PolicyRule[] rules) => new() { Metadata = new() { Name = name, Namespace = space }, Rules = rules };

    internal static RoleBinding Bind(string space, string name, string kind, string role, params Subject[] subjects) =>
        new() { Metadata = new() { Name = name, Namespace = space }, RoleRef = new() { APIGroup = "rbac.authorization.k8s.io", Kind = kind, Name = role }, Subjects = subjects };

    internal static ClusterRoleBinding BindCluster(string name, string role, params Subject[] subjects) =>
        new() { Metadata = new() { Name = name }, RoleRef = new() { APIGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = role }, Subjects = subjects };

    internal static Subject User(string name) => new() { Kind = "User", Name = name };

    internal static Subject Group(string name) => new() { Kind = "Group", Name = name };

    internal static Subject Account(string space, string name) => new() { Kind = "ServiceAccount", Namespace = space, Name = name };

    private static async Task<bool> Allows(RbacAuthorizer rbac, string request) => (await rbac.AuthorizeAsync(Alice, Ask.For(request), default)).Decision == Decision.Allow;
}
