using System.Globalization;
using Kobune.Api.Apps.V1;

namespace Kobune.ControllerManager.Deployments;

/// <summary>The annotations by which a Deployment keeps its history in its ReplicaSets. Source: pkg/controller/deployment/util.</summary>
internal static class DeploymentAnnotations
{
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string History = "deployment.kubernetes.io/revision-history";
    public const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    public const string MaxReplicas = "deployment.kubernetes.io/max-replicas";
    private const int MaxHistoryLength = 2000;
    private static readonly HashSet<string> NotCopied =
        ["kubectl.kubernetes.io/last-applied-configuration", Revision, History, DesiredReplicas, MaxReplicas, "deprecated.deployment.rollback.to"];

    /// <summary>The revision of a set; 0 when it has none.</summary>
    public static long RevisionOf(ReplicaSet set) => Number(set, Revision) ?? 0;

    /// <summary>A numeric annotation, or null.</summary>
    public static long? Number(ReplicaSet set, string annotation) =>
        set.Metadata.Annotations.TryGetValue(annotation, out var text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The new set with the deployment's annotations and a revision that is at least this one; the one before joins its history.</summary>
    public static ReplicaSet WithRevision(ReplicaSet set, Deployment deployment, long revision)
    {
        var annotations = set.Metadata.Annotations.ToDictionary();
        foreach (var (key, value) in deployment.Metadata.Annotations)
        {
            if (!NotCopied.Contains(key))
            {
                annotations[key] = value;
            }
        }

        var had = annotations.TryGetValue(Revision, out var old);
        if (RevisionOf(set) < revision)
        {
            annotations[Revision] = Text(revision);
            if (had)
            {
                annotations[History] = Append(annotations.GetValueOrDefault(History, ""), old!);
            }
        }

        return Same(annotations, set.Metadata.Annotations) ? set : set with { Metadata = set.Metadata with { Annotations = annotations } };
    }

    /// <summary>The set with the sizes that proportional scaling needs later.</summary>
    public static ReplicaSet WithSizes(ReplicaSet set, int desired, int max)
    {
        if (Number(set, DesiredReplicas) == desired && Number(set, MaxReplicas) == max)
        {
            return set;
        }

        var annotations = set.Metadata.Annotations.ToDictionary();
        annotations[DesiredReplicas] = Text(desired);
        annotations[MaxReplicas] = Text(max);
        return set with { Metadata = set.Metadata with { Annotations = annotations } };
    }

    private static string Append(string history, string old)
    {
        if (history.Length == 0)
        {
            return old;
        }

        var revisions = history.Split(',').ToList();
        while (revisions.Count > 0 && revisions.Sum(r => r.Length + 1) + old.Length > MaxHistoryLength)
        {
            revisions.RemoveAt(0);
        }

        return string.Join(',', revisions.Append(old));
    }

    private static bool Same(Dictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        a.Count == b.Count && a.All(p => b.TryGetValue(p.Key, out var other) && other == p.Value);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
