using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Quotas;
using Kobune.ApiServer.Tests.Authorization;

namespace Kobune.ApiServer.Tests.Admission;

/// <summary>What may be consumed only where a quota covers it.</summary>
public class LimitedResourceTests
{
    private const string Pod = """{"metadata":{"name":"web","namespace":"default"},"spec":{"priorityClassName":"high","containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"1"}}}]}}""";
    private const string Claim = """{"metadata":{"name":"c","namespace":"default"},"spec":{"storageClassName":"gold","resources":{"requests":{"storage":"1Gi"}}}}""";
    private const string Cpu = """[{"resource":"pods","matchContains":["requests.cpu","memory"]}]""";
    private const string Gold = """[{"resource":"persistentvolumeclaims","matchContains":["gold.storageclass.storage.k8s.io/requests.storage"]}]""";
    private const string High = """[{"resource":"pods","matchScopes":[{"scopeName":"PriorityClass","operator":"In","values":["high","higher"]}]}]""";
    private const string Any = """[{"resource":"pods","matchScopes":[{"scopeName":"PriorityClass","operator":"Exists"}]}]""";
    private readonly ObjectTable _objects = new();

    [Theory]
    [InlineData(Cpu, "pods", "", "pods \"web\" is forbidden: insufficient quota to consume: requests.cpu")]
    [InlineData(Cpu, "requests.cpu", "", "")]
    [InlineData("""[{"resource":"configmaps","matchContains":["cpu"]}]""", "", "", "")]
    [InlineData(High, "", "", "insufficient quota to match these scopes: [{PriorityClass In [high higher]}]")]
    [InlineData(Any, "pods", "", "insufficient quota to match these scopes: [{PriorityClass Exists []}]")]
    [InlineData(High, "pods", "high", "")]
    [InlineData(High, "pods", "low", "insufficient quota to match these scopes: [{PriorityClass In [high higher]}]")]
    [InlineData("""[{"resource":"pods","matchScopes":[{"scopeName":"PriorityClass","operator":"In","values":["low"]}]}]""", "", "", "")]
    public async Task A_pod_needs_a_quota(string limited, string hard, string priority, string refusal)
    {
        if (hard.Length > 0)
        {
            _objects.Put(new ResourceQuota
            {
                Metadata = new() { Name = "q", Namespace = "default", ResourceVersion = "7" },
                Spec = new()
                {
                    Hard = new Dictionary<string, Quantity> { [hard] = Quantity.Parse("5") },
                    ScopeSelector = priority.Length == 0 ? null : new() { MatchExpressions = [new() { ScopeName = "PriorityClass", Operator = "In", Values = [priority] }] },
                },
            });
        }

        Assert.Equal(refusal, await RefusalAsync(limited, Admissions.Of<Pod>(AdmissionOperation.Create, _objects, Pod)));
    }

    [Fact]
    public async Task A_claim_of_a_class_needs_a_quota_and_what_consumes_no_more_needs_none()
    {
        Assert.Equal(
            "persistentvolumeclaims \"c\" is forbidden: insufficient quota to consume: gold.storageclass.storage.k8s.io/requests.storage",
            await RefusalAsync(Gold, Admissions.Of<PersistentVolumeClaim>(AdmissionOperation.Create, _objects, Claim)));
        Assert.Equal("", await RefusalAsync(Gold, Admissions.Of<PersistentVolumeClaim>(AdmissionOperation.Update, _objects, Claim, Claim)));
    }

    private static async Task<string> RefusalAsync(string limited, AdmissionRequest request)
    {
        var config = (JsonObject)JsonNode.Parse("""{"apiVersion":"apiserver.config.k8s.io/v1","kind":"ResourceQuotaConfiguration","limitedResources":LIMITED}""".Replace("LIMITED", limited, StringComparison.Ordinal))!;
        var refusal = await Record.ExceptionAsync(() => new ResourceQuotaAdmission(TimeProvider.System, limited: LimitedResource.Read(config)).ValidateAsync(request, default).AsTask());
        return refusal?.Message ?? "";
    }
}
