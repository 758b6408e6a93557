using System.Globalization;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.ControllerManager.Pods;

namespace Kobune.ControllerManager.StatefulSets;

/// <summary>The identity of a set's pods: name, host name, labels, volumes. Source: pkg/controller/statefulset/stateful_set_utils.go.</summary>
internal static class StatefulPods
{
    public const string NameLabel = "statefulset.kubernetes.io/pod-name";
    public const string IndexLabel = "apps.kubernetes.io/pod-index";
    public const string RevisionLabel = "controller-revision-hash";

    public static int Start(StatefulSet set) => set.Spec.Ordinals?.Start ?? 0;

    public static int Replicas(StatefulSet set) => set.Spec.Replicas ?? 1;

    public static string Name(StatefulSet set, int ordinal) => set.Metadata.Name + "-" + ordinal.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether the name says that the pod is one of the set's.</summary>
    public static bool IsMember(StatefulSet set, Pod pod) => Split(pod.Metadata.Name, out _) == set.Metadata.Name;

    /// <summary>The set whose pod would have a name; null when none would.</summary>
    public static string? SetOf(string pod) => Split(pod, out var ordinal) is { Length: > 0 } set && ordinal >= 0 ? set : null;

    /// <summary>The pod's number; -1 when its name has none.</summary>
    public static int Ordinal(Pod pod)
    {
        Split(pod.Metadata.Name, out var ordinal);
        return ordinal;
    }

    public static bool IsInRange(StatefulSet set, Pod pod) => Ordinal(pod) is var ordinal && ordinal >= Start(set) && ordinal < Start(set) + Replicas(set);

    public static string Revision(Pod pod) => pod.Metadata.Labels.GetValueOrDefault(RevisionLabel, "");

    /// <summary>A pod of the set.</summary>
    /// <param name="template">The template of its revision.</param>
    /// <param name="revision">The revision's name.</param>
    public static Pod Make(StatefulSet set, PodTemplateSpec template, string revision, int ordinal)
    {
        var pod = PodFromTemplate.Make(template, set);
        var name = Name(set, ordinal);
        pod = pod with
        {
            Metadata = pod.Metadata with { Name = name, Labels = With(pod.Metadata.Labels, RevisionLabel, revision) },
            Spec = pod.Spec with { Hostname = name, Subdomain = set.Spec.ServiceName },
        };
        return WithStorage(set, WithIdentity(set, pod));
    }

    public static bool IdentityMatches(StatefulSet set, Pod pod) =>
        Ordinal(pod) is >= 0 and var ordinal && pod.Metadata.Name == Name(set, ordinal) && pod.Metadata.Labels.GetValueOrDefault(NameLabel) == pod.Metadata.Name;

    public static Pod WithIdentity(StatefulSet set, Pod pod)
    {
        var ordinal = Ordinal(pod);
        var labels = With(pod.Metadata.Labels, NameLabel, Name(set, ordinal));
        labels[IndexLabel] = ordinal.ToString(CultureInfo.InvariantCulture);
        return pod with { Metadata = pod.Metadata with { Labels = labels } };
    }

    /// <summary>Whether each claim template is a volume of the pod, by the template's name.</summary>
    public static bool StorageMatches(StatefulSet set, Pod pod) =>
        set.Spec.VolumeClaimTemplates.All(t => pod.Spec.Volumes.LastOrDefault(v => v.Name == t.Metadata.Name)?.PersistentVolumeClaim?.ClaimName == StatefulClaims.Name(set, t, Ordinal(pod)));

    /// <summary>The pod with the claims as volumes; a template's volume of the same name gives way.</summary>
    public static Pod WithStorage(StatefulSet set, Pod pod)
    {
        var templates = set.Spec.VolumeClaimTemplates;
        if (templates.Count == 0)
        {
            return pod;
        }

        var names = templates.Select(t => t.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        var claims = templates.Select(t => new Volume { Name = t.Metadata.Name, PersistentVolumeClaim = new() { ClaimName = StatefulClaims.Name(set, t, Ordinal(pod)) } });
        return pod with { Spec = pod.Spec with { Volumes = [.. claims, .. pod.Spec.Volumes.Where(v => !names.Contains(v.Name))] } };
    }

    public static bool IsRunningAndReady(Pod pod) => pod.Status.Phase == PodPhase.Running && pod.IsReady();

    /// <summary>"web-0" is number 0 of "web".</summary>
    private static string Split(string name, out int ordinal)
    {
        ordinal = -1;
        var dash = name.LastIndexOf('-');
        if (dash < 0 || dash == name.Length - 1 || name.AsSpan(dash + 1).ContainsAnyExceptInRange('0', '9'))
        {
            return "";
        }

        if (int.TryParse(name.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            ordinal = number;
        }

        return name[..dash];
    }

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> labels, string key, string value) => new(labels) { [key] = value };
}
