using Kobune.Api;
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

    private static async Task Write<T>(T item, UserInfo user)
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
        await new EscalationCheck(rbac, rbac).ValidateAsync(
            new()
            {
                Operation = AdmissionOperation.Create,
                Resource = T.Resource,
                Info = Ask.For($"create {T.Resource.Plural}.{T.Resource.Group} {item.Metadata.Namespace}/"),
                Name = item.Metadata.Name,
                Namespace = item.Metadata.Namespace,
                User = user,
                DryRun = false,
                Object = item.ToTree(),
                Objects = objects,
            },
            default);
    }
}
