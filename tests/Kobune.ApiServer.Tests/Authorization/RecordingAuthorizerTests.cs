using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Authorization.Rbac;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ApiServer.Tests.Authorization;

public class RecordingAuthorizerTests
{
    [Theory]
    [InlineData("system:kube-scheduler", true)]
    [InlineData("system:node:a", true)]
    [InlineData("system:serviceaccount:kube-system:replicaset-controller", true)]
    [InlineData("system:serviceaccount:kube-system:default", false)]
    [InlineData("system:serviceaccount:default:robot", false)]
    [InlineData("alice", false)]
    [InlineData("system:anonymous", false)]
    public async Task Refused_components_are_remembered(string user, bool remembered)
    {
        var recorder = new RecordingAuthorizer(new RbacAuthorizer(new ObjectTable()), NullLogger<RecordingAuthorizer>.Instance);
        await recorder.AuthorizeAsync(UserInfo.Of(user), Ask.For("delete pods/log default/x"), default);
        Assert.Equal(remembered ? [new DeniedRequest(user, "delete", "", "pods/log", "default", "x", "")] : [], recorder.Items);
        Assert.Equal(remembered ? 1 : 0, recorder.Count);
    }
}
