using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Api.Quotas;
using Kobune.Api.Resource.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Quotas;
using Kobune.ApiServer.Tests.Authorization;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.ApiServer.Tests.Admission;

/// <summary>What a claim of devices takes of a quota. The class gpu stands behind example.com/gpu, the class tpu behind nothing.</summary>
public class DeviceQuotaTests
{
    private const string One = """{"name":"r","exactly":{"deviceClassName":"gpu","allocationMode":"ExactCount","count":2}}""";
    private const string All = """{"name":"a","exactly":{"deviceClassName":"tpu","allocationMode":"All"}}""";
    private const string Either = """{"name":"e","firstAvailable":[{"name":"x","deviceClassName":"gpu","allocationMode":"ExactCount","count":1},{"name":"y","deviceClassName":"gpu","allocationMode":"ExactCount","count":3},{"name":"z","deviceClassName":"tpu","allocationMode":"ExactCount","count":4}]}""";
    private const string Made = ""","annotations":{"resource.kubernetes.io/extended-resource-claim":"true"},"ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"u","controller":true}]""";
    private readonly ObjectTable _objects = new();

    public static TheoryData<string, string, string> Claims => new()
    {
        { One, "", "count/resourceclaims.resource.k8s.io=1,gpu.deviceclass.resource.k8s.io/devices=2,requests.deviceclass.resource.kubernetes.io/gpu=2,requests.example.com/gpu=2" },
        { All, "", "count/resourceclaims.resource.k8s.io=1,tpu.deviceclass.resource.k8s.io/devices=32" },
        { Either, "", "count/resourceclaims.resource.k8s.io=1,gpu.deviceclass.resource.k8s.io/devices=3,requests.deviceclass.resource.kubernetes.io/gpu=3,requests.example.com/gpu=3,tpu.deviceclass.resource.k8s.io/devices=4" },

        // What the pod asked for by name is the pod's: here one of two.
        { One, "u", "count/resourceclaims.resource.k8s.io=1,gpu.deviceclass.resource.k8s.io/devices=2,requests.deviceclass.resource.kubernetes.io/gpu=2,requests.example.com/gpu=1" },
        { One, "other", "count/resourceclaims.resource.k8s.io=1,gpu.deviceclass.resource.k8s.io/devices=2,requests.deviceclass.resource.kubernetes.io/gpu=2,requests.example.com/gpu=2" },
    };

    [Theory, MemberData(nameof(Claims))]
    public async Task A_claim_takes_devices_of_its_classes_and_resources_that_its_pod_is_not_charged_for(string request, string pod, string used)
    {
        Put(pod);
        string[] names = ["count/resourceclaims.resource.k8s.io", "gpu.deviceclass.resource.k8s.io/devices", "tpu.deviceclass.resource.k8s.io/devices", "requests.example.com/gpu", "requests.deviceclass.resource.kubernetes.io/gpu", "requests.deviceclass.resource.kubernetes.io/tpu"];
        _objects.Put(new ResourceQuota
        {
            Metadata = new() { Name = "q", Namespace = "default", ResourceVersion = "1" },
            Spec = new() { Hard = names.ToDictionary(n => n, _ => new Quantity(50)) },
            Status = new() { Hard = names.ToDictionary(n => n, _ => new Quantity(50)), Used = names.ToDictionary(n => n, _ => Quantity.Zero) },
        });
        var asked = Admissions.Of<ResourceClaim>(AdmissionOperation.Create, _objects, Claim("c", request, pod.Length > 0));
        await new ResourceQuotaAdmission(TimeProvider.System).ValidateAsync(asked, default);
        var status = ((ResourceQuota)Assert.Single(asked.Plan.Changes).New).Status;
        Assert.Equal(used, string.Join(',', status.Used.Where(u => !u.Value.IsZero).OrderBy(u => u.Key, StringComparer.Ordinal).Select(u => $"{u.Key}={u.Value}")));
    }

    [Theory]
    [InlineData("first", "requests.example.com/gpu=1")]
    [InlineData("later", "requests.example.com/gpu=2")]
    public void Of_a_pods_claims_the_first_alone_is_its_own(string name, string used)
    {
        Put("u");
        foreach (var (claim, second) in new[] { ("first", 1), ("later", 2) })
        {
            var made = JsonNode.Parse(Claim(claim, One, isMade: true))!.AsObject();
            made["metadata"]!["creationTimestamp"] = $"2026-01-01T00:00:0{second}Z";
            _objects.Put(JsonText.Read<ResourceClaim>(Encoding.UTF8.GetBytes(made.ToJsonString())));
        }

        var usage = QuotaUsage.Of(ResourceClaim.Resource, _objects.Find<ResourceClaim>("default", name), DateTimeOffset.UtcNow, new View(_objects));
        Assert.Equal(used, $"requests.example.com/gpu={usage["requests.example.com/gpu"]}");
    }

    private void Put(string pod)
    {
        _objects.Put(new DeviceClass { Metadata = new() { Name = "gpu" }, Spec = new() { ExtendedResourceName = "example.com/gpu" } }).Put(new DeviceClass { Metadata = new() { Name = "tpu" } });
        if (pod.Length > 0)
        {
            var wanted = new Dictionary<string, Quantity> { ["example.com/gpu"] = new(1) };
            _objects.Put(new Pod { Metadata = new() { Name = "p", Namespace = "default", Uid = pod }, Spec = new() { Containers = [new() { Name = "c", Resources = new() { Requests = wanted } }] } });
        }
    }

    private static string Claim(string name, string request, bool isMade) =>
        $$"""{"metadata":{"name":"{{name}}","namespace":"default"{{(isMade ? Made : "")}} },"spec":{"devices":{"requests":[{{request}}]} } }""";

    private sealed class View(ObjectTable objects) : IQuotaObjects
    {
        public IEnumerable<T> List<T>(string ns)
            where T : class, IKubernetesObject<T> => objects.List<T>(ns);
    }
}
