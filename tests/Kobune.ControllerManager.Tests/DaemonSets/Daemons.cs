using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.DaemonSets;

namespace Kobune.ControllerManager.Tests.DaemonSets;

/// <summary>Short ways to write daemon sets and what belongs to them.</summary>
internal static class Daemons
{
    public const string Hash = "new";

    public static DaemonSet Set(IntOrString? maxUnavailable = null, IntOrString? maxSurge = null, bool onDelete = false, int minReady = 0) => new()
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = "web", Uid = "uid-web", Generation = 2 },
        Spec = new DaemonSetSpec
        {
            Selector = new LabelSelector { MatchLabels = TestObjects.Web },
            Template = TestObjects.Template("v2"),
            MinReadySeconds = minReady,
            RevisionHistoryLimit = 10,
            UpdateStrategy = onDelete ? new() { Type = "OnDelete" } : new() { Type = "RollingUpdate", RollingUpdate = new() { MaxUnavailable = maxUnavailable ?? (maxSurge is null ? 1 : 0), MaxSurge = maxSurge ?? 0 } },
        },
    };

    public static Node Node(string name, string labels = "", params Taint[] taints) => new()
    {
        Metadata = new ObjectMeta { Name = name, Labels = labels.Split(',', StringSplitOptions.RemoveEmptyEntries).ToDictionary(l => l.Split('=')[0], l => l.Split('=')[1]) },
        Spec = new NodeSpec { Taints = taints },
    };

    /// <summary>
    /// Pods from a text of one word each: "a1" is a healthy pod of the new revision for node n1, named a1, older ones first by their letter; signs after it say what is different:
    /// o of the old revision, u not ready, f failed, s succeeded, d going, w not bound yet, r ready since a moment.
    /// </summary>
    public static List<Pod> PodsOf(DaemonSet set, string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word =>
    {
        var (name, signs) = (word[..2], word[2..]);
        var pod = DaemonPods.Make(set, "n" + name[1], signs.Contains('o') ? "old" : Hash);
        var phase = signs.Contains('f') ? "Failed" : signs.Contains('s') ? "Succeeded" : signs.Contains('w') ? "Pending" : "Running";
        var status = TestObjects.Pod("x", ready: phase == "Running" && !signs.Contains('u'), phase: phase, age: signs.Contains('r') ? TimeSpan.FromSeconds(1) : TimeSpan.FromHours(1)).Status;
        pod = pod with
        {
            Metadata = pod.Metadata with { Name = name, Uid = "uid-" + name, CreationTimestamp = TestObjects.Now.AddMinutes(name[0]) },
            Spec = pod.Spec with { NodeName = signs.Contains('w') ? "" : "n" + name[1] },
            Status = status,
        };
        return signs.Contains('d') ? pod.Deleting() : pod;
    })];

    public static DaemonSetView View(DaemonSet set, int nodes, string pods) =>
        DaemonSetView.Of(set, Enumerable.Range(1, nodes).Select(n => Node("n" + n)), PodsOf(set, pods), Hash, TestObjects.Now);

    public static string Text(DaemonSetPlan plan) => string.Join(' ', plan.Create.Select(n => "+" + n).Concat(plan.Delete.Select(p => "-" + p.Metadata.Name)));
}
