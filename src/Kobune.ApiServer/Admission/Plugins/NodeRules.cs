using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>What a kubelet may say about its own Node.</summary>
internal static class NodeRules
{
    // Labels of the kubernetes.io and k8s.io domains that a kubelet may set itself (staging/src/k8s.io/kubelet/pkg/apis/well_known_labels.go).
    private static readonly HashSet<string> KubeletLabels =
    [
        "kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/arch",
        "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type", "topology.kubernetes.io/region", "topology.kubernetes.io/zone",
        "failure-domain.beta.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone",
    ];

    public static void Check(AdmissionRequest request, string node)
    {
        var name = request.Name.Length > 0 ? request.Name : (request.Object as JsonObject).Child("metadata").Text("name");
        if (name != node)
        {
            throw request.Refusal($"node \"{node}\" is not allowed to modify node \"{name}\"");
        }

        if (request.Is(AdmissionOperation.Create))
        {
            if (request.Object!.Child("spec").Has("configSource"))
            {
                throw request.Refusal($"node \"{node}\" is not allowed to create pods with a non-nil configSource"); // upstream's words
            }

            var forbidden = Forbidden(request.Object!.Read<Node>().Metadata.Labels.Keys);
            if (forbidden.Count > 0)
            {
                throw request.Refusal($"node \"{node}\" is not allowed to set the following labels: {string.Join(", ", forbidden)}");
            }
        }
        else if (request.Is(AdmissionOperation.Update))
        {
            CheckUpdate(request, node);
        }
    }

    private static void CheckUpdate(AdmissionRequest request, string node)
    {
        var (changed, old) = (request.Object!.Read<Node>(), request.OldObject!.Read<Node>());
        if (!changed.Metadata.OwnerReferences.SequenceEqual(old.Metadata.OwnerReferences))
        {
            throw request.Refusal($"node \"{node}\" is not allowed to modify ownerReferences");
        }

        // A kubelet that registers again after a restart may only repeat the taints that are there.
        if (!changed.Spec.Taints.SequenceEqual(old.Spec.Taints))
        {
            throw request.Refusal($"node \"{node}\" is not allowed to modify taints");
        }

        var labels = changed.Metadata.Labels.Keys.Union(old.Metadata.Labels.Keys)
            .Where(k => changed.Metadata.Labels.GetValueOrDefault(k) != old.Metadata.Labels.GetValueOrDefault(k) || changed.Metadata.Labels.ContainsKey(k) != old.Metadata.Labels.ContainsKey(k));
        var forbidden = Forbidden(labels);
        if (forbidden.Count > 0)
        {
            throw request.Refusal($"is not allowed to modify labels: {string.Join(", ", forbidden)}");
        }
    }

    private static List<string> Forbidden(IEnumerable<string> labels) => [.. labels.Where(IsForbidden).Order(StringComparer.Ordinal)];

    private static bool IsForbidden(string label)
    {
        var slash = label.IndexOf('/');
        var domain = slash < 0 ? "" : label[..slash];
        if (IsUnder(domain, "node-restriction.kubernetes.io"))
        {
            return true;
        }

        return (IsUnder(domain, "kubernetes.io") || IsUnder(domain, "k8s.io"))
            && !KubeletLabels.Contains(label) && !IsUnder(domain, "kubelet.kubernetes.io") && !IsUnder(domain, "node.kubernetes.io");
    }

    private static bool IsUnder(string domain, string parent) => domain == parent || domain.EndsWith("." + parent, StringComparison.Ordinal);
}
