using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization.Rbac;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Tests.Authorization;
using static Kobune.ApiServer.Tests.Authorization.RbacAuthorizerTests;

namespace Kobune.ApiServer.Tests.Authentication;

public class ImpersonationTests
{
    private static readonly UserInfo Root = UserInfo.Of("root", "admins");

    [Theory]
    [InlineData("User=bob", "bob", "system:authenticated")]
    [InlineData("User=bob Group=a Group=b", "bob", "a,b,system:authenticated")]
    [InlineData("User=bob Group=system:unauthenticated", "bob", "system:unauthenticated")]
    [InlineData("User=system:anonymous", "system:anonymous", "system:unauthenticated")]
    [InlineData("User=system:serviceaccount:default:robot", "system:serviceaccount:default:robot", "system:serviceaccounts,system:serviceaccounts:default,system:authenticated")]
    [InlineData("User=system:serviceaccount:default:robot Group=x", "system:serviceaccount:default:robot", "x,system:authenticated")]
    public async Task Groups_are_completed_as_upstreams(string headers, string name, string groups)
    {
        var user = await Apply(headers, Root);
        Assert.Equal((name, groups), (user.Name, string.Join(",", user.Groups)));
    }

    [Fact]
    public async Task Uid_and_extra_come_along()
    {
        var user = await Apply("User=bob Uid=u1 Extra-Scopes%2fx=1 Extra-scopes%2Fx=2", Root);
        Assert.Equal(("u1", "1,2"), (user.Uid, string.Join(",", user.Extra["scopes/x"])));
    }

    [Theory]
    [InlineData("User=bob", "users \"bob\" is forbidden: User \"eve\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope")]
    [InlineData("User=system:serviceaccount:default:robot", "serviceaccounts \"robot\" is forbidden: User \"eve\" cannot impersonate resource \"serviceaccounts\" in API group \"\" in the namespace \"default\"")]
    [InlineData("User=allowed Group=system:masters", "groups \"system:masters\" is forbidden: User \"eve\" cannot impersonate resource \"groups\" in API group \"\" at the cluster scope")]
    [InlineData("User=allowed Uid=1", "uids.authentication.k8s.io \"1\" is forbidden: User \"eve\" cannot impersonate resource \"uids\" in API group \"authentication.k8s.io\" at the cluster scope")]
    [InlineData("User=allowed Extra-a=b", "userextras.authentication.k8s.io \"b\" is forbidden: User \"eve\" cannot impersonate resource \"userextras/a\" in API group \"authentication.k8s.io\" at the cluster scope")]
    [InlineData("Group=a", "Internal error occurred: requested impersonation of groups, a uid or extra values without impersonating a user")]
    public async Task Every_part_must_be_allowed(string headers, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<StatusException>(() => Apply(headers, UserInfo.Of("eve")))).Message);

    [Fact]
    public async Task Nothing_asked_is_nothing_changed() => Assert.Same(Root, await Impersonation.ApplyAsync([], Root, new RbacAuthorizer(new ObjectTable()), default));

    private static async Task<UserInfo> Apply(string headers, UserInfo user)
    {
        var objects = new ObjectTable()
            .Put(ClusterRole("all", Rule("*", "*", "*")))
            .Put(ClusterRole("some", Rule("impersonate", "", "users", "allowed")))
            .Put(BindCluster("all", "all", Group("admins")))
            .Put(BindCluster("some", "some", User("eve")));
        KeyValuePair<string, string>[] pairs = [.. headers.Split(' ').Select(h => h.Split('=')).Select(p => KeyValuePair.Create(p[0], p[1]))];
        return await Impersonation.ApplyAsync(pairs, user, new RbacAuthorizer(objects), default);
    }
}
