using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>A new node takes no pods until the node controller has seen it ready.</summary>
internal sealed class TaintNodesByCondition : IMutatingAdmission
{
    private const string NotReady = "node.kubernetes.io/not-ready";

    public string Name => "TaintNodesByCondition";

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (request.IsFor("", "nodes") && request.Is(AdmissionOperation.Create) && request.Object is { } node
            && !node.Need("spec").Items("taints").Any(t => t.Text("key") == NotReady && t.Text("effect") == "NoSchedule"))
        {
            node.Need("spec").NeedArray("taints").Add((JsonNode)new JsonObject { ["key"] = NotReady, ["effect"] = "NoSchedule" });
        }

        return default;
    }
}
