using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Kubelet.Volumes;

namespace Kobune.Kubelet.Resizes;

/// <summary>What pods were given, on disk beside the rest of each pod: /var/lib/kubelet/pods/UID/allocation.json. A file that cannot be read counts as none.</summary>
internal sealed class AllocationStore(PodFolders folders)
{
    internal (PodAllocation Allocated, PodAllocation Actuated)? Read(string uid)
    {
        try
        {
            var path = Path(uid);
            return File.Exists(path) && JsonNode.Parse(File.ReadAllText(path)) is JsonObject tree ? (Allocation(tree["allocated"]), Allocation(tree["actuated"])) : null;
        }
        catch (Exception e) when (e is IOException or JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    internal void Write(string uid, PodAllocation allocated, PodAllocation actuated)
    {
        var path = Path(uid);
        Directory.CreateDirectory(folders.Pod(uid));
        File.WriteAllText(path + ".new", new JsonObject { ["allocated"] = Tree(allocated), ["actuated"] = Tree(actuated) }.ToJsonString());
        File.Move(path + ".new", path, overwrite: true); // a kubelet that dies here leaves the old one
    }

    private string Path(string uid) => System.IO.Path.Combine(folders.Pod(uid), "allocation.json");

    private static JsonObject Tree(PodAllocation allocation) => new(allocation.Containers.Select(c => KeyValuePair.Create(c.Key, JsonNode.Parse(JsonText.Of(c.Value)))));

    private static PodAllocation Allocation(JsonNode? tree) =>
        new(((JsonObject)tree!).ToDictionary(c => c.Key, c => JsonText.Read<ResourceRequirements>(Encoding.UTF8.GetBytes(c.Value!.ToJsonString())), StringComparer.Ordinal));
}
