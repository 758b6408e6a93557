using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>A pod that is bound to a node gets the labels of the node's zone and region, where it has none of its own (plugin/pkg/admission/podtopologylabels).</summary>
internal sealed class PodTopologyLabels : IMutatingAdmission
{
    private static readonly string[] Copied = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"];

    public string Name => "PodTopologyLabels";

    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (!(request.IsFor("", "pods") && request.Is(AdmissionOperation.Create)) && !request.IsFor("", "pods", "binding"))
        {
            return default;
        }

        if (request.Object.Child("spec").Text("nodeName") is not { Length: > 0 } name || request.Objects.Find<Node>("", name) is not { } node)
        {
            return default;
        }

        foreach (var label in Copied)
        {
            if (node.Metadata.Labels.TryGetValue(label, out var value) && request.Object!.Need("metadata").Need("labels") is JsonObject labels && !labels.Has(label))
            {
                labels[label] = value;
            }
        }

        return default;
    }
}
