using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;

namespace Kobune.Kubelet.Resizes;

/// <summary>The messages of events about resizes: words, and the resources as JSON (kubelet/events/resize.go).</summary>
internal static class ResizeMessages
{
    internal static string Started(Pod allocated) => Message("Pod resize started", allocated, "");

    internal static string Completed(Pod allocated, long generation) => Message("Pod resize completed", allocated with { Metadata = allocated.Metadata with { Generation = generation } }, "");

    internal static string Failed(Pod allocated, string error) => Message("Pod resize error", allocated, error);

    internal static string Pending(Pod wanted, string reason, string message) => Message("Pod resize " + reason, wanted, message);

    // Messages are for people: no quotation mark needs to become \u0022.
    private static readonly JsonSerializerOptions Text = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Message(string words, Pod pod, string error)
    {
        var summary = new JsonObject();
        Add("initContainers", pod.Spec.InitContainers);
        Add("containers", pod.Spec.Containers);
        summary["generation"] = pod.Metadata.Generation;
        if (error.Length > 0)
        {
            summary["error"] = error;
        }

        return $"{words}: {summary.ToJsonString(Text)}";

        void Add(string name, IReadOnlyList<Container> containers)
        {
            if (containers.Count > 0)
            {
                summary[name] = new JsonArray([.. containers.Select(c => (JsonNode)new JsonObject { ["name"] = c.Name, ["resources"] = JsonNode.Parse(JsonText.Of(c.Resources)) })]);
            }
        }
    }
}
