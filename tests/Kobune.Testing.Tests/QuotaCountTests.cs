using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Client;

namespace Kobune.Testing.Tests;

/// <summary>Quotas of the number of objects of which nothing else is counted.</summary>
public sealed class QuotaCountTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/apis/networking.k8s.io/v1/namespaces/default/networkpolicies", "count/networkpolicies.networking.k8s.io", """{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"one"},"spec":{"podSelector":{}}}""")]
    [InlineData("/apis/boats.example/v1/namespaces/default/boats", "count/boats.boats.example", """{"apiVersion":"boats.example/v1","kind":"Boat","metadata":{"name":"one"}}""")]
    public async Task What_is_deleted_is_given_back(string path, string name, string body)
    {
        await using var cluster = await TestCluster.StartAsync(ct: Ct);
        await SendAsync(cluster, 201, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"boats.boats.example"},"spec":{"group":"boats.example","scope":"Namespaced",
             "names":{"plural":"boats","kind":"Boat"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}
            """);
        await cluster.SeesAsync<Api.ApiExtensions.V1.CustomResourceDefinition>("", d => d.Status.Conditions.Any(c => c is { Type: "Established", Status: "True" }), Ct);
        var quota = new ResourceQuota { Metadata = new() { Name = "q", Namespace = "default" }, Spec = new() { Hard = new Dictionary<string, Quantity> { [name] = new(1) } } };
        await cluster.Client.CreateAsync(quota, Ct);
        await cluster.SeesAsync<ResourceQuota>("default", q => q.Status.Hard.Count == 1, Ct);
        await SendAsync(cluster, 201, path, body);
        await cluster.SeesAsync<ResourceQuota>("default", q => q.Status.Used[name] == new Quantity(1), Ct);
        await SendAsync(cluster, 403, path, body.Replace("\"one\"", "\"two\"", StringComparison.Ordinal));
        var answer = await cluster.Client.Transport.SendAsync(new("DELETE", path + "/one", default), Ct);
        Assert.Equal(200, answer.StatusCode);
        await cluster.SeesAsync<ResourceQuota>("default", q => q.Status.Used[name].IsZero, Ct);
        await SendAsync(cluster, 201, path, body.Replace("\"one\"", "\"two\"", StringComparison.Ordinal));
        Assert.Empty(cluster.DeniedRequests);
    }

    private static async Task SendAsync(TestCluster cluster, int code, string path, string body)
    {
        var answer = await cluster.Client.Transport.SendAsync(new("POST", path, Encoding.UTF8.GetBytes(JsonNode.Parse(body)!.ToJsonString())), Ct);
        Assert.Equal((code, ""), (answer.StatusCode, answer.StatusCode == code ? "" : Encoding.UTF8.GetString(answer.Body.Json.Span)));
    }
}
