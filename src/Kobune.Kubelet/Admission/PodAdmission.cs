using Kobune.Api.Core.V1;
using Kobune.Api.Resources;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Admission;

/// <summary>The kubelet's own admission (kubelet/lifecycle/predicate.go): a pod that is bound here and does not fit fails. Pure.</summary>
internal static class PodAdmission
{
    /// <summary>Null when the pod fits, else reason and message of its failure.</summary>
    internal static (string Reason, string Message)? Refusal(Pod pod, Node node, IReadOnlyCollection<Pod> others) =>
        OperatingSystem(pod) ?? Groups(pod, node) ?? Resources(pod, node, others) ?? Affinity(pod, node) ?? Ports(pod, others) ?? Taints(pod, node) ?? AppArmor(pod);

    private static (string Reason, string Message)? OperatingSystem(Pod pod)
    {
        if (pod.Spec.OS is { } os && os.Name != "linux")
        {
            return ("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS");
        }

        // Upstream looks at the pod's own label here; a node selector is the affinity's matter.
        return pod.Metadata.Labels.TryGetValue("kubernetes.io/os", out var wanted) && wanted != "linux"
            ? ("PodOSSelectorNodeLabelDoesNotMatch", "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label")
            : null;
    }

    /// <summary>A runtime that adds the image's groups to the pod's own would break the policy silently.</summary>
    private static (string Reason, string Message)? Groups(Pod pod, Node node) =>
        pod.Spec.SecurityContext?.SupplementalGroupsPolicy == "Strict" && node.Status.Features?.SupplementalGroupsPolicy != true
            ? ("SupplementalGroupsPolicyNotSupported", "SupplementalGroupsPolicy=Strict is not supported in this node")
            : null;

    /// <summary>The runtime of a node here leaves AppArmor alone, so that a profile would bind nobody.</summary>
    private static (string Reason, string Message)? AppArmor(Pod pod) =>
        Binds(pod.Spec.SecurityContext?.AppArmorProfile) || PodContainers.All(pod).Any(c => Binds(c.SecurityContext?.AppArmorProfile))
            ? ("AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host")
            : null;

    private static bool Binds(AppArmorProfile? profile) => profile is not null && profile.Type != "Unconfined";

    /// <summary>What there is not enough of.</summary>
    internal static (string Reason, string Message)? Resources(Pod pod, Node node, IReadOnlyCollection<Pod> others)
    {
        var capacity = node.Status.Allocatable;
        if (capacity.TryGetValue("pods", out var pods) && others.Count + 1 > pods.Value)
        {
            return Insufficient("pods", 1, others.Count, pods.Value);
        }

        foreach (var (name, milli) in PodQuality.Requests(pod).OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            // What the node does not advertise is removed from the check, as upstream does, unless it is a basic resource. An extended one of which it has none comes from devices of a
            // claim: the scheduler has seen to it.
            if (milli == 0 || !capacity.TryGetValue(name, out var allocatable) || (allocatable.IsZero && ExtendedResources.MayBeDevices(name)))
            {
                continue;
            }

            var used = others.Sum(o => PodQuality.Requests(o).GetValueOrDefault(name));
            if (milli + used > allocatable.MilliValue)
            {
                return name == "cpu" ? Insufficient(name, milli, used, allocatable.MilliValue)
                    : Insufficient(name, Ceiling(milli), Ceiling(used), allocatable.Value);
            }
        }

        return null;
    }

    private static (string Reason, string Message) Insufficient(string resource, long requested, long used, long capacity) =>
        ($"OutOf{resource}", $"Node didn't have enough resource: {resource}, requested: {requested}, used: {used}, capacity: {capacity}");

    private static long Ceiling(long milli) => (milli + 999) / 1000;

    private static (string Reason, string Message)? Affinity(Pod pod, Node node)
    {
        var selector = pod.Spec.NodeSelector.All(s => node.Metadata.Labels.TryGetValue(s.Key, out var value) && value == s.Value);
        var terms = pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution;
        if (selector && (terms is null || terms.NodeSelectorTerms.Any(t => NodeMatch.Holds(t, node))))
        {
            return null;
        }

        return ("NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector");
    }

    private static (string Reason, string Message)? Ports(Pod pod, IReadOnlyCollection<Pod> others)
    {
        var taken = others.SelectMany(HostPorts).ToList();
        return HostPorts(pod).Any(p => taken.Any(t => t.Port == p.Port && t.Protocol == p.Protocol && (t.IP == p.IP || t.IP == "0.0.0.0" || p.IP == "0.0.0.0")))
            ? ("NodePorts", "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports")
            : null;
    }

    private static IEnumerable<(string IP, string Protocol, int Port)> HostPorts(Pod pod) =>
        pod.Spec.Containers.Concat(pod.Spec.InitContainers.Where(PodContainers.IsSidecar))
            .SelectMany(c => c.Ports)
            .Where(p => p.HostPort > 0)
            .Select(p => (p.HostIP.Length > 0 ? p.HostIP : "0.0.0.0", p.Protocol.Length > 0 ? p.Protocol : "TCP", p.HostPort));

    /// <summary>Only taints that evict count here: a pod bound by hand may ignore NoSchedule.</summary>
    private static (string Reason, string Message)? Taints(Pod pod, Node node)
    {
        if (IsStatic(pod))
        {
            return null;
        }

        var untolerated = node.Spec.Taints.FirstOrDefault(t => t.Effect == "NoExecute" && !pod.Spec.Tolerations.Any(x => Tolerates(x, t)));
        return untolerated is null ? null : ("TaintToleration", "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate");
    }

    internal static bool IsStatic(Pod pod) => pod.Metadata.Annotations.TryGetValue("kubernetes.io/config.source", out var source) && source != "api";

    private static bool Tolerates(Toleration toleration, Taint taint) =>
        (toleration.Effect.Length == 0 || toleration.Effect == taint.Effect)
        && (toleration.Key.Length == 0 ? toleration.Operator == "Exists" : toleration.Key == taint.Key)
        && (toleration.Operator == "Exists" || toleration.Value == taint.Value);
}
