using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Conversion;

/// <summary>Claims of resource.k8s.io: v1beta1 writes what is asked for beside the request's name, later versions below "exactly". Source: pkg/apis/resource/v1beta1/conversion.go.</summary>
internal sealed class DeviceRequestConverter(string plural) : IKindConverter
{
    private const string Flat = "v1beta1";

    public (string Group, string Plural) Storage => ("resource.k8s.io", plural);

    public void ToStorage(JsonObject obj, string version)
    {
        foreach (var request in version == Flat ? Requests(obj) : [])
        {
            if (request.Array("firstAvailable") is { Count: > 0 })
            {
                request.Remove("deviceClassName"); // always there in v1beta1, and empty
                continue;
            }

            var exactly = new JsonObject();
            foreach (var name in request.Select(p => p.Key).Where(k => k is not ("name" or "firstAvailable")).ToArray())
            {
                request.Remove(name, out var value);
                exactly[name] = value;
            }

            request["exactly"] = exactly;
        }
    }

    public void FromStorage(JsonObject obj, string version)
    {
        foreach (var request in version == Flat ? Requests(obj) : [])
        {
            request.Remove("exactly", out var exactly);
            foreach (var (name, value) in (exactly as JsonObject ?? []).ToArray())
            {
                request[name] = value?.DeepClone();
            }
        }
    }

    private static IEnumerable<JsonObject> Requests(JsonObject? obj) =>
        (obj.Child("spec", "spec") ?? obj.Child("spec")).Child("devices").Items("requests");
}
