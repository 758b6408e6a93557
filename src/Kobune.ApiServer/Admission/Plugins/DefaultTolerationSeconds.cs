using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Pods stay a while (five minutes when nothing else is set) on a node that is not ready or cannot be reached, unless they say otherwise.</summary>
internal sealed class DefaultTolerationSeconds(long notReadySeconds, long unreachableSeconds) : IMutatingAdmission
{
    private readonly (string Key, long Seconds)[] _keys = [("node.kubernetes.io/not-ready", notReadySeconds), ("node.kubernetes.io/unreachable", unreachableSeconds)];

    public string Name => "DefaultTolerationSeconds";

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!request.IsFor("", "pods") || request.Operation is not (AdmissionOperation.Create or AdmissionOperation.Update) || request.Object?.Child("spec") is not { } spec)
        {
            return default;
        }

        foreach (var (key, seconds) in _keys)
        {
            if (!spec.Items("tolerations").Any(t => Tolerates(t, key)))
            {
                spec.NeedArray("tolerations").Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = seconds });
            }
        }

        return default;
    }

    private static bool Tolerates(JsonObject toleration, string key) =>
        (toleration.Text("key") == key || toleration.Text("key").Length == 0) && toleration.Text("effect") is ("" or "NoExecute");
}
