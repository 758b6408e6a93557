using System.Text;
using Kobune.Api.Json;
using Kobune.Api.Resource.V1;
using Kobune.Scheduler.Devices;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Tests.Allocation;

/// <summary>Slices, classes and claims in few words.</summary>
internal static class Gpus
{
    public const string Driver = "gpu.test";

    public static DeviceClass Class(string name = "gpu", string? selector = null) => new()
    {
        Metadata = new() { Name = name },
        Spec = new() { Selectors = selector is null ? [] : [new() { CEL = new() { Expression = selector } }] },
    };

    /// <summary>A slice of a node; devices are JSON texts.</summary>
    public static ResourceSlice Slice(string node, params string[] devices) => Read<ResourceSlice>(
        $$$"""{"metadata":{"name":"slice-{{{node}}}-{{{devices.Length}}}"},"spec":{"driver":"{{{Driver}}}","pool":{"name":"{{{node}}}","generation":1,"resourceSliceCount":1},"nodeName":"{{{node}}}","devices":[{{{string.Join(',', devices)}}}]}}""");

    public static string Device(string name, string fields = "") => $$"""{"name":"{{name}}"{{(fields.Length > 0 ? "," + fields : "")}}}""";

    /// <summary>A claim of one request "r", or with whatever <paramref name="devices"/> says.</summary>
    public static ResourceClaim Claim(string name, string exactly = "", string? devices = null) => Read<ResourceClaim>(
        $$$"""{"metadata":{"name":"{{{name}}}","namespace":"default","uid":"uid-{{{name}}}","resourceVersion":"1"},"spec":{"devices":{{{devices ?? Requests(Request("r", exactly))}}}}}""");

    public static string Requests(params string[] requests) => $$"""{"requests":[{{string.Join(',', requests)}}]}""";

    public static string Request(string name, string fields = "", string deviceClass = "gpu") =>
        $$$"""{"name":"{{{name}}}","exactly":{"deviceClassName":"{{{deviceClass}}}"{{{(fields.Contains("allocationMode", StringComparison.Ordinal) ? "" : ",\"allocationMode\":\"ExactCount\"" + (fields.Contains("\"count\"", StringComparison.Ordinal) ? "" : ",\"count\":1"))}}}{{{(fields.Length > 0 ? "," + fields : "")}}}}}""";

    public static T Read<T>(string json)
        where T : class, Api.IJsonRecord<T> => JsonText.Read<T>(Encoding.UTF8.GetBytes(json));

    /// <summary>Devices of claims on a node, "claim:request=device ..."; null when there are none.</summary>
    public static string? Allocate(IReadOnlyList<ResourceClaim> claims, IReadOnlyList<ResourceSlice> slices, IEnumerable<AllocationResult>? taken = null, params DeviceClass[] classes)
    {
        classes = classes.Length > 0 ? classes : [Class()];
        var wishes = claims.Select(c => new ClaimWish(c, [.. c.Spec.Devices.Requests.Select(r => DeviceWish.Of(r, n => classes.FirstOrDefault(k => k.Metadata.Name == n), out _))])).ToList();
        var chosen = new DeviceAllocator(wishes, DeviceUse.Of(taken ?? []), new(), DevicePool.Of(slices, Objects.Node("n"))).Allocate();
        return chosen is null ? null : string.Join(' ', chosen.Select(c => $"{claims[c.Claim].Metadata.Name}:{c.Wish.Name}={c.Device.Key.Device}"));
    }

    /// <summary>What a claim has.</summary>
    public static AllocationResult Has(params string[] devices) =>
        new() { Devices = new() { Results = [.. devices.Select(d => new DeviceRequestAllocationResult { Request = "r", Driver = Driver, Pool = "n", Device = d })] } };
}
