using System.Text.Json.Nodes;
using Kobune.Api.Resources;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>A pod that asks for an extended resource ("example.com/gpu") tolerates taints of that name, so that nodes with rare devices can be kept for it.</summary>
internal sealed class ExtendedResourceToleration : IMutatingAdmission
{
    public string Name => "ExtendedResourceToleration";

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!request.IsFor("", "pods") || request.Operation is not (AdmissionOperation.Create or AdmissionOperation.Update) || request.Object?.Child("spec") is not { } spec)
        {
            return default;
        }

        var names = spec.Items("initContainers").Concat(spec.Items("containers")).SelectMany(c => (c.Child("resources", "requests") ?? []).Select(r => r.Key)).Where(ExtendedResources.IsExtended);
        foreach (var name in names.Distinct().Order(StringComparer.Ordinal).ToArray())
        {
            if (!spec.Items("tolerations").Any(t => t.Text("key") == name && t.Text("operator") == "Exists" && t.Text("effect").Length == 0))
            {
                spec.NeedArray("tolerations").Add((JsonNode)new JsonObject { ["key"] = name, ["operator"] = "Exists" });
            }
        }

        return default;
    }
}
