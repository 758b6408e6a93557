using Kobune.Api.Core.V1;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>
/// A pod that runs is not resized in ways that its node does not know: kubelets tell what they can in status.declaredFeatures, and ours tell of none (plugin/pkg/admission/nodedeclaredfeatures and
/// k8s.io/component-helpers, nodedeclaredfeatures).
/// </summary>
internal sealed class NodeDeclaredFeatures : IValidatingAdmission
{
    public string Name => "NodeDeclaredFeatureValidator";

    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        var isPod = request.IsFor("", "pods") || request.IsFor("", "pods", "resize");
        if (!isPod || !request.Is(AdmissionOperation.Update) || request.Object is null || request.OldObject is null || request.Object.Child("spec").Text("nodeName") is not { Length: > 0 } nodeName)
        {
            return default;
        }

        var needed = Needed(request.Object.Read<Pod>().Spec, request.OldObject.Read<Pod>().Spec).ToList();
        if (needed.Count == 0)
        {
            return default;
        }

        if (request.Objects.Find<Node>("", nodeName) is not { } node)
        {
            throw request.Refusal($"node \"{nodeName}\" not found");
        }

        needed.RemoveAll(node.Status.DeclaredFeatures.Contains);
        return needed.Count == 0 ? default : throw request.Refusal($"pod update requires features {string.Join(", ", needed)} which are not available on node \"{nodeName}\"");
    }

    private static IEnumerable<string> Needed(PodSpec now, PodSpec before)
    {
        if (now.Resources != before.Resources)
        {
            yield return "InPlacePodLevelResourcesVerticalScaling";
        }

        var old = before.InitContainers.ToDictionary(c => c.Name, c => c.Resources, StringComparer.Ordinal);
        if (now.InitContainers.Any(c => c.RestartPolicy != "Always" && old.TryGetValue(c.Name, out var resources) && c.Resources != resources))
        {
            yield return "InPlacePodVerticalScalingInitContainers";
        }
    }
}
