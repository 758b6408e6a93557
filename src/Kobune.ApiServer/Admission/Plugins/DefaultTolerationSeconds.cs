using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Pods stay five minutes on a node that is not ready or cannot be reached, unless they say otherwise.</summary>
internal sealed class DefaultTolerationSeconds : IMutatingAdmission
{
    private const long Seconds = 300;
    private static readonly string[] Keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    public string Name => "DefaultTolerationSeconds";

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!request.IsFor("", "pods") || request.Operation is not (AdmissionOperation.Create or AdmissionOperation.Update) || request.Object?.Child("spec") is not { } spec)
        {
            return default;
        }

        foreach (var key in Keys)
        {
            if (!spec.Items("tolerations").Any(t => Tolerates(t, key)))
            {
                spec.NeedArray("tolerations").Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = Seconds });
            }
        }

        return default;
    }

    private static bool Tolerates(JsonObject toleration, string key) =>
        (toleration.Text("key") == key || toleration.Text("key").Length == 0) && toleration.Text("effect") is ("" or "NoExecute");
}
