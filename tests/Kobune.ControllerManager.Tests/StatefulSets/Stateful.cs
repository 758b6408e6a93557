using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.StatefulSets;

namespace Kobune.ControllerManager.Tests.StatefulSets;

/// <summary>Short ways to write stateful sets and what belongs to them.</summary>
internal static class Stateful
{
    public static readonly SetRevision Old = new("web-old", TestObjects.Template("v1"));
    public static readonly SetRevision New = new("web-new", TestObjects.Template("v2"));

    public static StatefulSet Set(
        int replicas = 3,
        bool parallel = false,
        int partition = 0,
        int start = 0,
        IntOrString? maxUnavailable = null,
        bool onDelete = false,
        int minReady = 0,
        string whenDeleted = "Retain",
        string whenScaled = "Retain",
        params string[] claims) => new()
        {
            Metadata = new ObjectMeta { Namespace = "default", Name = "web", Uid = "uid-web", Generation = 4 },
            Spec = new StatefulSetSpec
            {
                Replicas = replicas,
                ServiceName = "svc",
                Selector = new LabelSelector { MatchLabels = TestObjects.Web },
                Template = New.Template,
                PodManagementPolicy = parallel ? "Parallel" : "OrderedReady",
                MinReadySeconds = minReady,
                Ordinals = start == 0 ? null : new StatefulSetOrdinals { Start = start },
                RevisionHistoryLimit = 10,
                UpdateStrategy = onDelete
                    ? new() { Type = "OnDelete" }
                    : new() { Type = "RollingUpdate", RollingUpdate = new() { Partition = partition, MaxUnavailable = maxUnavailable } },
                PersistentVolumeClaimRetentionPolicy = new() { WhenDeleted = whenDeleted, WhenScaled = whenScaled },
                VolumeClaimTemplates = [.. claims.Select(c => new PersistentVolumeClaim { Metadata = new ObjectMeta { Name = c } })],
            },
        };

    /// <summary>
    /// Pods from a text of one word each: "0" is a healthy pod of the new revision, and letters say what is different: o of the old revision, u not ready, p pending, f failed,
    /// s succeeded, d going, r ready since a moment.
    /// </summary>
    public static List<Pod> PodsOf(StatefulSet set, string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word =>
    {
        var ordinal = int.Parse(word.TrimEnd('o', 'u', 'p', 'f', 's', 'd', 'r'));
        var revision = word.Contains('o') ? Old : New;
        var phase = word.Contains('p') ? "Pending" : word.Contains('f') ? "Failed" : word.Contains('s') ? "Succeeded" : "Running";
        var pod = StatefulPods.Make(set, revision.Template, revision.Name, ordinal);
        var ready = TestObjects.Pod("x", ready: phase == "Running" && !word.Contains('u'), phase: phase, age: word.Contains('r') ? TimeSpan.FromSeconds(1) : TimeSpan.FromHours(1));
        pod = pod with { Metadata = pod.Metadata with { Uid = "uid-" + pod.Metadata.Name }, Status = ready.Status };
        return word.Contains('d') ? pod.Deleting() : pod;
    })];

    public static StatefulSetView View(StatefulSet set, string pods, bool useMaxUnavailable = false, params PersistentVolumeClaim[] claims) =>
        new(set, PodsOf(set, pods), Old, New, name => claims.FirstOrDefault(c => c.Metadata.Name == name), useMaxUnavailable, TestObjects.Now);

    public static PersistentVolumeClaim Claim(string name, params OwnerReference[] owners) => new() { Metadata = new ObjectMeta { Namespace = "default", Name = name, OwnerReferences = owners } };
}
