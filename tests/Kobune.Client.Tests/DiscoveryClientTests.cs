using System.Text;
using Kobune.Api;
using Kobune.Api.Meta.V1;
using Kobune.Client.Discovery;
using Kobune.Client.Transport;

namespace Kobune.Client.Tests;

public class DiscoveryClientTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_aggregated_form_takes_two_requests_and_names_what_is_stale()
    {
        var asked = new List<string>();
        var transport = new FakeTransport
        {
            Answer = request =>
            {
                asked.Add($"{request.PathAndQuery} {request.Headers["Accept"].Split(',')[0]}");
                return Json(request.PathAndQuery == "/api"
                    ? """{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[{"metadata":{},"versions":[{"version":"v1","resources":[{"resource":"pods","responseKind":{"kind":"Pod"},"scope":"Namespaced","verbs":["list"],"subresources":[{"subresource":"log"}]}]}]}]}"""
                    : """{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[{"metadata":{"name":"g"},"versions":[{"version":"v2","freshness":"Stale","resources":[{"resource":"a","responseKind":{"kind":"A"},"scope":"Cluster"}]},{"version":"v1","freshness":"Current","resources":[{"resource":"a","responseKind":{"kind":"A"},"scope":"Cluster"},{"resource":"nameless","scope":"Cluster"}]}]}]}""");
            },
        };
        var found = await new DiscoveryClient(transport, TimeProvider.System).PreferredResourcesAsync(Ct);
        const string Form = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        Assert.Equal([$"/api {Form}", $"/apis {Form}"], asked);
        Assert.Equal([new("", "v1", "Pod", "pods", true), new ResourceDescriptor("g", "v1", "A", "a", false)], found.Items.Select(i => i.Resource));
        Assert.True(found.Items[0].Can("list"));
        var (version, why) = Assert.Single(found.Failures);
        Assert.Equal(("g/v2", "stale GroupVersion discovery: g/v2"), (version, why));
    }

    [Fact]
    public async Task A_server_without_that_form_is_asked_for_each_group_version()
    {
        var transport = new FakeTransport
        {
            Answer = request => request.PathAndQuery switch
            {
                "/api" => Json("""{"kind":"APIVersions","versions":["v1"]}"""),
                "/api/v1" => Json("""{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods","namespaced":true,"kind":"Pod","verbs":["list"]},{"name":"pods/log","kind":"Pod","verbs":["get"]}]}"""),
                "/apis" => Json("""{"kind":"APIGroupList","groups":[{"name":"g","versions":[{"groupVersion":"g/v2","version":"v2"},{"groupVersion":"g/v1","version":"v1"}],"preferredVersion":{"groupVersion":"g/v1","version":"v1"}}]}"""),
                "/apis/g/v1" => Json("""{"kind":"APIResourceList","groupVersion":"g/v1","resources":[{"name":"a","kind":"A","verbs":[]}]}"""),
                _ => FakeTransport.Refusal(503, StatusReason.ServiceUnavailable, "away"),
            },
        };
        var found = await new DiscoveryClient(transport, TimeProvider.System).PreferredResourcesAsync(Ct);
        Assert.Equal(["v1 pods", "g/v1 a"], found.Items.Select(i => $"{i.Resource.ApiVersion} {i.Resource.Plural}"));
        Assert.Equal("g/v2", Assert.Single(found.Failures).Key);
    }

    private static ApiResponse Json(string text) => new(200, new(Encoding.UTF8.GetBytes(text)));
}
