using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Tests.Requests;

public class RequestInfoFactoryTests
{
    [Theory]
    [InlineData("GET", "/api/v1/namespaces", "list", "", "", "namespaces", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other", "get", "", "other", "namespaces", "", "other")]
    [InlineData("PUT", "/api/v1/namespaces/other/finalize", "update", "", "other", "namespaces", "finalize", "other")]
    [InlineData("GET", "/api/v1/namespaces/other/pods", "list", "", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/pods", "list", "", "", "pods", "", "")]
    [InlineData("GET", "/api/v1/pods?watch=true", "watch", "", "", "pods", "", "")]
    [InlineData("GET", "/api/v1/watch/namespaces/other/pods", "watch", "", "other", "pods", "", "")]
    [InlineData("GET", "/api/v1/namespaces/other/pods?watch=1&fieldSelector=metadata.name%3Dfoo", "watch", "", "other", "pods", "", "foo")]
    [InlineData("GET", "/api/v1/namespaces/other/pods/foo", "get", "", "other", "pods", "", "foo")]
    [InlineData("GET", "/api/v1/namespaces/other/pods/foo/log", "get", "", "other", "pods", "log", "foo")]
    [InlineData("POST", "/apis/apps/v1/namespaces/other/deployments", "create", "apps", "other", "deployments", "", "")]
    [InlineData("PATCH", "/apis/apps/v1/namespaces/other/deployments/foo/status", "patch", "apps", "other", "deployments", "status", "foo")]
    [InlineData("DELETE", "/api/v1/namespaces/other/pods", "deletecollection", "", "other", "pods", "", "")]
    [InlineData("DELETE", "/api/v1/nodes/foo", "delete", "", "", "nodes", "", "foo")]
    [InlineData("HEAD", "/api/v1/nodes/foo", "get", "", "", "nodes", "", "foo")]
    public void Resource_paths_are_understood(string method, string path, string verb, string group, string ns, string resource, string subresource, string name)
    {
        var question = path.IndexOf('?', StringComparison.Ordinal);
        var info = RequestInfoFactory.Create(method, question < 0 ? path : path[..question], QueryValues.Parse(question < 0 ? "" : path[question..]));
        Assert.True(info.IsResourceRequest);
        Assert.Equal((verb, group, ns, resource, subresource, name), (info.Verb, info.ApiGroup, info.Namespace, info.Resource, info.Subresource, info.Name));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/api")]
    [InlineData("/api/v1")]
    [InlineData("/apis/apps/v1")]
    [InlineData("/healthz/etcd/x")]
    public void Other_paths_are_no_resources(string path)
    {
        var info = RequestInfoFactory.Create("GET", path, QueryValues.Empty);
        Assert.False(info.IsResourceRequest);
        Assert.Equal("get", info.Verb);
    }
}
