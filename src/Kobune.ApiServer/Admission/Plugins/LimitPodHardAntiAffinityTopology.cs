using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>Required anti-affinity of pods may be about nodes alone.</summary>
internal sealed class LimitPodHardAntiAffinityTopology : IValidatingAdmission
{
    private const string Node = "kubernetes.io/hostname";

    public string Name => "LimitPodHardAntiAffinityTopology";

    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (request.IsFor("", "pods") && request.Operation is AdmissionOperation.Create or AdmissionOperation.Update)
        {
            var terms = request.Object?.Child("spec").Child("affinity", "podAntiAffinity").Items("requiredDuringSchedulingIgnoredDuringExecution") ?? [];
            if (terms.FirstOrDefault(t => t.Text("topologyKey") != Node) is { } term)
            {
                throw request.Refusal($"affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey {term.Text("topologyKey")} but only key {Node} is allowed");
            }
        }

        return default;
    }
}
