using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Conversion;

/// <summary>Slices of resource.k8s.io: v1beta1 describes a device below "basic", later versions beside its name. Source: pkg/apis/resource/v1beta1/conversion.go.</summary>
internal sealed class ResourceSliceConverter : IKindConverter
{
    private const string Nested = "v1beta1";

    public (string Group, string Plural) Storage => ("resource.k8s.io", "resourceslices");

    public void ToStorage(JsonObject obj, string version)
    {
        foreach (var device in version == Nested ? Devices(obj) : [])
        {
            device.Remove("basic", out var basic);
            foreach (var (name, value) in (basic as JsonObject ?? []).ToArray())
            {
                device[name] = value?.DeepClone();
            }
        }
    }

    public void FromStorage(JsonObject obj, string version)
    {
        foreach (var device in version == Nested ? Devices(obj) : [])
        {
            var basic = new JsonObject();
            foreach (var name in device.Select(p => p.Key).Where(k => k != "name").ToArray())
            {
                device.Remove(name, out var value);
                basic[name] = value;
            }

            device["basic"] = basic;
        }
    }

    private static IEnumerable<JsonObject> Devices(JsonObject? obj) => obj.Child("spec").Items("devices");
}
