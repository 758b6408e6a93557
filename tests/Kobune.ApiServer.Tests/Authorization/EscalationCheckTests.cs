using Kobune.Api;
using Kobune.Api.Json;
using Kobune.Api.Rbac.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization.Rbac;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;
using static Kobune.ApiServer.Tests.Authorization.RbacAuthorizerTests;

namespace Kobune.ApiServer.Tests.Authorization;

public class EscalationCheckTests
{
    private static readonly UserInfo Alice = UserInfo.Of("alice", "devs");

    [Fact]
    public async Task Role_with_rights_that_the_writer_lacks_is_refused_in_upstreams_words()
    {
        var refusal = await Assert.ThrowsAsync<StatusException>(() => Write(Role("default", "r", Rule("get,delete", "", "pods"), Rule("get", "", "secrets")), Alice));
        Assert.Equal(
            "roles.rbac.authorization.k8s.io \"r\" is forbidden: user \"alice\" (groups=[\"devs\" \"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n"
            + "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\"]}\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}",
            refusal.Message);
    }

    [Fact]
    public async Task Role_within_the_writers_rights_passes() => await Write(Role("default", "r", Rule("get", "", "pods"), Rule("list", "", "pods", "one")), Alice);

    [Fact]
    public async Task Who_may_escalate_may_write_any_role() =>
        await Write(Role("default", "r", Rule("*", "*", "*")), UserInfo.Of("bob"));

    [Fact]
    public async Task Binding_of_a_greater_role_is_refused()
    {
        var refusal = await Assert.ThrowsAsync<StatusException>(() => Write(Bind("default", "b", "ClusterRole", "cluster-admin", User("alice")), Alice));
        Assert.Contains("is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_bind_a_role_may_bind_it() => await Write(Bind("default", "b", "ClusterRole", "cluster-admin", User("x")), UserInfo.Of("binder"));

    [Fact]
    public async Task Binding_of_a_missing_role_names_it()
    {
        var refusal = await Assert.ThrowsAsync<StatusException>(() => Write(Bind("default", "b", "Role", "none", User("x")), Alice));
        Assert.Equal("roles.rbac.authorization.k8s.io \"none\" not found", refusal.Message);
    }

    [Fact]
    public async Task Whose_name_is_of_no_kind_of_role_cannot_be_looked_up()
    {
        var refusal = await Assert.ThrowsAsync<StatusException>(() => Write(Bind("default", "b", "X", "none", User("x")), Alice));
        Assert.Equal((500, "", "unsupported role reference kind: \"X\""), (refusal.Code, refusal.Reason, refusal.Message));
    }

    [Fact]
    public async Task A_binding_of_the_cluster_has_no_namespace_for_a_role()
    {
        var binding = BindCluster("b", "none", User("x"));
        var refusal = await Assert.ThrowsAsync<StatusException>(() => Write(binding with { RoleRef = binding.RoleRef with { Kind = "Role" } }, Alice));
        Assert.Equal((400, "Namespace parameter required."), (refusal.Code, refusal.Message));
    }

    [Fact]
    public async Task Only_cluster_admins_collect_the_rules_of_other_roles()
    {
        var role = ClusterRole("r") with { AggregationRule = new() { ClusterRoleSelectors = [new() { MatchLabels = new Dictionary<string, string> { ["a"] = "b" } }] } };
        var refusal = await Assert.ThrowsAsync<StatusException>(() => Write(role, Alice));
        Assert.Equal("clusterroles.rbac.authorization.k8s.io \"r\" is forbidden: must have cluster-admin privileges to use the aggregationRule", refusal.Message);
        await Assert.ThrowsAsync<StatusException>(() => Write(ClusterRole("r"), Alice, role)); // nor do others take the rule away
    }

    [Fact]
    public async Task A_greater_role_is_left_alone_but_by_the_garbage_collector()
    {
        var role = Role("default", "r", Rule("get", "", "secrets"));
        await Write(role with { Metadata = role.Metadata with { Finalizers = ["orphan"], OwnerReferences = [new() { Kind = "X", Name = "x", Uid = "1", APIVersion = "v1" }] } }, Alice, role);
        var labelled = role with { Metadata = role.Metadata with { Labels = new Dictionary<string, string> { ["a"] = "b" } } };
        Assert.Equal(403, (await Assert.ThrowsAsync<StatusException>(() => Write(labelled, Alice, role))).Code);
        var binding = Bind("default", "b", "ClusterRole", "cluster-admin", User("alice"));
        await Write(binding with { Metadata = binding.Metadata with { Finalizers = ["orphan"] } }, Alice, binding);
        var renamed = binding with { Metadata = binding.Metadata with { Labels = new Dictionary<string, string> { ["a"] = "b" } } };
        Assert.Equal(403, (await Assert.ThrowsAsync<StatusException>(() => Write(renamed, Alice, binding))).Code);
    }

    private static async Task Write<T>(T item, UserInfo user, T? old = null)
        where T : class, IKubernetesObject<T>
    {
        var objects = Bootstrapped()
            .Put(Role("default", "own", Rule("get,list", "", "pods")))
            .Put(Bind("default", "own", "Role", "own", User("alice")))
            .Put(ClusterRole("escalator", Rule("escalate", "rbac.authorization.k8s.io", "roles")))
            .Put(BindCluster("escalator", "escalator", User("bob")))
            .Put(ClusterRole("binder", Rule("bind", "rbac.authorization.k8s.io", "clusterroles", "cluster-admin")))
            .Put(BindCluster("binder", "binder", User("binder")));
        var rbac = new RbacAuthorizer(objects);
        await new EscalationCheck(rbac, rbac).MutateAsync(
            new()
            {
                Operation = old is null ? AdmissionOperation.Create : AdmissionOperation.Update,
                Resource = T.Resource,
                Info = Ask.For($"{(old is null ? "create" : "update")} {T.Resource.Plural}.{T.Resource.Group} {item.Metadata.Namespace}/"),
                Name = item.Metadata.Name,
                Namespace = item.Metadata.Namespace,
                User = user,
                DryRun = false,
                Object = item.ToTree(),
                OldObject = old is null ? null : new EncodedObject(JsonText.Bytes(old)),
                Objects = objects,
            },
            default);
    }
}
