using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Kinds.Storage;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>What is odd in a good pod or template: deprecated labels, annotations and volumes, what hides something else, what matches nothing (upstream's pkg/api/pod/warnings.go).</summary>
internal static class PodWarnings
{
    private const string NullSelector = "a null labelSelector results in matching no pod";

    private static readonly (string Key, string Message)[] Annotations =
    [
        ("scheduler.alpha.kubernetes.io/critical-pod", "non-functional in v1.16+; use the \"priorityClassName\" field instead"),
        ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
        ("security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    ];

    public static IEnumerable<string> OfTemplate(PodTemplateSpec template, string prefix) => Of(template.Metadata, template.Spec, prefix);

    /// <summary><paramref name="prefix"/> is empty for a pod, "spec.template." for a template.</summary>
    public static IEnumerable<string> Of(ObjectMeta metadata, PodSpec spec, string prefix)
    {
        var path = prefix + "spec";
        return
        [
            .. NodeLabelWarnings.OfMap(spec.NodeSelector, key => $"{path}.nodeSelector[{key}]"),
            .. Nodes(spec.Affinity?.NodeAffinity, path + ".affinity.nodeAffinity"),
            .. Spread(spec.TopologySpreadConstraints, path + ".topologySpreadConstraints"),
            .. Annotations.Where(a => metadata.Annotations.ContainsKey(a.Key)).Select(a => $"{prefix}metadata.annotations[{a.Key}]: {a.Message}"),
            .. VolumeWarnings.OfPod(spec.Volumes, path + ".volumes"),
            .. Again(spec.HostAliases.Select(a => a.IP), i => $"{path}.hostAliases[{i}].ip: duplicate ip"),
            .. Again(spec.ImagePullSecrets.Select(s => s.Name), i => $"{path}.imagePullSecrets[{i}].name: duplicate name"),
            .. spec.ImagePullSecrets.Select((s, i) => (s, i)).Where(s => s.s.Name.Length == 0).Select(s => $"{path}.imagePullSecrets[{s.i}].name: invalid empty name \"\""),
            .. Fractions(spec.Overhead, path + ".overhead"),
            .. Profiles(metadata, spec, prefix),
            .. PodContainers.All(spec, path).SelectMany(c => ContainerWarnings.Of(c.Container, c.Path)),
            .. ContainerWarnings.Ports(PodContainers.All(spec, path)),
            .. Grace(spec, path),
            .. Pods(spec.Affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, spec.Affinity?.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution, path + ".affinity.podAffinity"),
            .. Pods(spec.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, spec.Affinity?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution, path + ".affinity.podAntiAffinity"),
        ];
    }

    /// <summary>Bytes come whole.</summary>
    public static IEnumerable<string> Fractions(IReadOnlyDictionary<string, Quantity> amounts, string path)
    {
        foreach (var name in (string[])["memory", "ephemeral-storage"])
        {
            if (amounts.TryGetValue(name, out var value) && value.MilliValue % 1000 != 0)
            {
                yield return $"{path}[{name}]: fractional byte value \"{value}\" is invalid, must be an integer";
            }
        }
    }

    private static IEnumerable<string> Nodes(NodeAffinity? affinity, string path)
    {
        var required = affinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms ?? [];
        var preferred = affinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? [];
        return
        [
            .. required.SelectMany((t, i) => NodeLabelWarnings.OfTerm(t, checksValues: false, $"{path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[{i}]")),
            .. preferred.SelectMany((t, i) => NodeLabelWarnings.OfTerm(t.Preference, checksValues: true, $"{path}.preferredDuringSchedulingIgnoredDuringExecution[{i}].preference")),
        ];
    }

    private static IEnumerable<string> Spread(IReadOnlyList<TopologySpreadConstraint> constraints, string path)
    {
        for (var i = 0; i < constraints.Count; i++)
        {
            if (NodeLabelWarnings.Of(constraints[i].TopologyKey) is { } instead)
            {
                yield return $"{path}[{i}].topologyKey: {constraints[i].TopologyKey} is {instead}";
            }

            if (constraints[i].LabelSelector is null)
            {
                yield return $"{path}[{i}].labelSelector: {NullSelector}";
            }
        }
    }

    private static IEnumerable<string> Again(IEnumerable<string> values, Func<int, string> said)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var i = 0;
        foreach (var value in values)
        {
            if (!seen.Add(value))
            {
                yield return $"{said(i)} \"{value}\"";
            }

            i++;
        }
    }

    // Annotations from before there were fields. A pod's AppArmor annotations still become fields, a template's are only told of.
    private static IEnumerable<string> Profiles(ObjectMeta metadata, PodSpec spec, string prefix)
    {
        const string seccomp = "non-functional in v1.27+; use the \"seccompProfile\" field instead";
        var annotations = metadata.Annotations;
        if (spec.SecurityContext?.SeccompProfile is null && annotations.ContainsKey(PodMetadataRules.SeccompPod))
        {
            yield return $"{prefix}metadata.annotations[{PodMetadataRules.SeccompPod}]: {seccomp}";
        }

        foreach (var (_, container) in PodContainers.All(spec, ""))
        {
            var key = PodMetadataRules.SeccompContainer + container.Name;
            if (container.SecurityContext?.SeccompProfile is null && annotations.ContainsKey(key))
            {
                yield return $"{prefix}metadata.annotations[{key}]: {seccomp}";
            }

            key = PodMetadataRules.AppArmor + container.Name;
            if (prefix.Length > 0 && spec.SecurityContext?.AppArmorProfile is null && container.SecurityContext?.AppArmorProfile is null && annotations.ContainsKey(key))
            {
                yield return $"{prefix}metadata.annotations[{key}]: deprecated since v1.30; use the \"appArmorProfile\" field instead";
            }
        }
    }

    private static IEnumerable<string> Grace(PodSpec spec, string path) =>
        spec.TerminationGracePeriodSeconds < 0 ? [path + ".terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"] : [];

    private static IEnumerable<string> Pods(IReadOnlyList<PodAffinityTerm>? required, IReadOnlyList<WeightedPodAffinityTerm>? preferred, string path) =>
    [
        .. (required ?? []).Select((t, i) => (t, i)).Where(t => t.t.LabelSelector is null).Select(t => $"{path}.requiredDuringSchedulingIgnoredDuringExecution[{t.i}].labelSelector: {NullSelector}"),
        .. (preferred ?? []).Select((t, i) => (t, i)).Where(t => t.t.PodAffinityTerm.LabelSelector is null).Select(t => $"{path}.preferredDuringSchedulingIgnoredDuringExecution[{t.i}].podAffinityTerm.labelSelector: {NullSelector}"),
    ];
}
