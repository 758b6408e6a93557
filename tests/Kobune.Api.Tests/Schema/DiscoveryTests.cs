using Kobune.Api.Json;
using Kobune.Api.Schema;

namespace Kobune.Api.Tests.Schema;

public class DiscoveryTests
{
    private static readonly DiscoveryBuilder Discovery = new(ApiSchema.BuiltIn);

    [Fact]
    public void Core_versions_have_upstreams_form()
    {
        Assert.Equal("""{"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[{"clientCIDR":"0.0.0.0/0","serverAddress":"10.0.0.1:8443"}]}""", JsonText.Of(Discovery.CoreVersions("10.0.0.1:8443")));
    }

    [Fact]
    public void Groups_are_ordered_and_beta_versions_are_not_served()
    {
        var text = JsonText.Of(Discovery.Groups());
        Assert.StartsWith("""{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"apiregistration.k8s.io","versions":[{"groupVersion":"apiregistration.k8s.io/v1","version":"v1"}],"preferredVersion":{"groupVersion":"apiregistration.k8s.io/v1","version":"v1"}},{"name":"apps",""", text, StringComparison.Ordinal);
        Assert.DoesNotContain("beta", text, StringComparison.Ordinal);
        Assert.Equal("autoscaling/v2", Discovery.Group("autoscaling")!.PreferredVersion.GroupVersion);
        Assert.Null(Discovery.Group("nope"));
    }

    [Fact]
    public void Resources_list_their_subresources()
    {
        var list = Discovery.Resources("", "v1")!;
        Assert.StartsWith("""{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"bindings","singularName":"binding","namespaced":true,"kind":"Binding","verbs":["create"]},""", JsonText.Of(list), StringComparison.Ordinal);
        var eviction = list.APIResources.Single(r => r.Name == "pods/eviction");
        Assert.Equal("""{"name":"pods/eviction","singularName":"","namespaced":true,"group":"policy","version":"v1","kind":"Eviction","verbs":["create"]}""", JsonText.Of(eviction));
        var pods = list.APIResources.Single(r => r.Name == "pods");
        Assert.Equal("""{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],"shortNames":["po"],"categories":["all"],"storageVersionHash":"xPOwRZ+Yhw8="}""", JsonText.Of(pods));
        Assert.Null(Discovery.Resources("storage.k8s.io", "v1beta1"));
    }

    [Fact]
    public void The_aggregated_form_holds_all_of_it()
    {
        var core = Discovery.AggregatedCore();
        Assert.Single(core.Items);
        var text = JsonText.Of(Discovery.AggregatedGroups());
        Assert.StartsWith("""{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[{"metadata":{"name":"apiregistration.k8s.io"},"versions":[{"version":"v1","resources":[{"resource":"apiservices","responseKind":{"group":"apiregistration.k8s.io","version":"v1","kind":"APIService"},"scope":"Cluster","singularResource":"apiservice","verbs":""", text, StringComparison.Ordinal);
        Assert.Contains("\"freshness\":\"Current\"", text, StringComparison.Ordinal);
    }
}
