using System.Globalization;
using Kobune.Api.Containers;
using Kobune.Api.Core.V1;

namespace Kobune.SimulatedNode.Pods;

/// <summary>What a stage does to a pod.</summary>
public enum PodStageResult
{
    /// <summary>Containers run; the pod is Ready when its readiness gates are.</summary>
    Running,

    /// <summary>Containers run, none is ready.</summary>
    Unready,

    /// <summary>All containers have ended with 0.</summary>
    Succeeded,

    /// <summary>All containers have ended with the stage's exit code.</summary>
    Failed,

    /// <summary>All containers have ended with the stage's exit code, or waited, and run again.</summary>
    Restarted,

    /// <summary>All containers have ended with the stage's exit code and wait to be started again (CrashLoopBackOff).</summary>
    BackingOff,

    /// <summary>The containers get the resources that the spec asks for, or the node says that it has not got them.</summary>
    Resized,

    /// <summary>Containers are stopped and the object is removed for good.</summary>
    Deleted,
}

/// <summary>
/// One step in the life of a pod: which pods it takes, when, and to where. Annotations of a pod change the default stages:
/// simulated.kobune/start-delay and run-duration (Go durations of ms, s, m, h), exit-code, ready ("false").
/// </summary>
/// <param name="Name">For the log.</param>
/// <param name="Matches">Whether the stage is for a pod in this state.</param>
/// <param name="Result">What it does.</param>
public sealed record PodStage(string Name, Func<Pod, bool> Matches, PodStageResult Result)
{
    /// <summary>How long a pod waits in the state before; null = at once.</summary>
    public Func<Pod, TimeSpan>? Delay { get; init; }

    /// <summary>Of the containers, for <see cref="PodStageResult.Failed"/>, <see cref="PodStageResult.Restarted"/> and <see cref="PodStageResult.BackingOff"/>.</summary>
    public Func<Pod, int>? ExitCode { get; init; }

    /// <summary>The prefix of the annotations.</summary>
    public const string AnnotationPrefix = "simulated.kobune/";

    /// <summary>
    /// Deleted pods go at once; pending ones run at once; pods of Jobs and pods with an exit code end after their run duration unless their
    /// containers are restarted for ever; containers that fail are restarted with growing pauses; changed resources are granted.
    /// </summary>
    public static IReadOnlyList<PodStage> Default { get; } =
    [
        new("delete", p => p.Metadata.DeletionTimestamp is not null, PodStageResult.Deleted),
        new("start unready", p => IsPending(p) && Annotation(p, "ready") == "false", PodStageResult.Unready) { Delay = p => Duration(p, "start-delay") },
        new("start", IsPending, PodStageResult.Running) { Delay = p => Duration(p, "start-delay") },
        new("succeed", p => Ends(p) && ExitCodeOf(p) == 0, PodStageResult.Succeeded) { Delay = p => Duration(p, "run-duration") },
        new("fail", Ends, PodStageResult.Failed) { Delay = p => Duration(p, "run-duration"), ExitCode = ExitCodeOf },
        new("restart", p => Crashes(p) && (ContainerRestarts.IsWhole(p, ExitCodeOf(p)) || p.Status.ContainerStatuses.All(s => s.RestartCount == 0)), PodStageResult.Restarted) { Delay = p => Duration(p, "run-duration"), ExitCode = ExitCodeOf },
        new("back off", Crashes, PodStageResult.BackingOff) { Delay = p => Duration(p, "run-duration"), ExitCode = ExitCodeOf },
        new("restart after back-off", ContainerRestarts.IsWaiting, PodStageResult.Restarted) { Delay = ContainerRestarts.PauseOf },
        new("resize", PodResize.IsDue, PodStageResult.Resized),
        new("readiness", p => p.Status.Phase == PodPhase.Running && !PodStatuses.ReadyMatchesGates(p), PodStageResult.Running),
    ];

    private static bool IsPending(Pod pod) => pod.Status.Phase is PodPhase.Pending or "";

    private static bool Ends(Pod pod) =>
        pod.Status.Phase == PodPhase.Running && HasEnd(pod) && !ContainerRestarts.Follow(pod, ExitCodeOf(pod)) && !ContainerRestarts.IsWaiting(pod);

    private static bool HasEnd(Pod pod) => Annotation(pod, "exit-code") is not null || pod.Metadata.OwnerReferences.Any(o => o is { Controller: true, Kind: "Job" });

    /// <summary>Containers that fail, or end as a rule of theirs says, and are restarted: the first time at once, then with growing pauses.</summary>
    private static bool Crashes(Pod pod)
    {
        var code = ExitCodeOf(pod);
        return pod.Status.Phase == PodPhase.Running && (code != 0 || (HasEnd(pod) && pod.Spec.Containers.Any(c => RestartRules.HasRuleFor(c, code))))
            && ContainerRestarts.Follow(pod, code) && !ContainerRestarts.IsWaiting(pod);
    }

    private static int ExitCodeOf(Pod pod) => int.TryParse(Annotation(pod, "exit-code"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var code) ? code : 0;

    private static string? Annotation(Pod pod, string name) => pod.Metadata.Annotations.GetValueOrDefault(AnnotationPrefix + name);

    private static TimeSpan Duration(Pod pod, string name)
    {
        var text = Annotation(pod, name) ?? "";
        (string Suffix, double Milliseconds)[] units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
        foreach (var (suffix, milliseconds) in units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal) && double.TryParse(text[..^suffix.Length], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and < 1e6)
            {
                return TimeSpan.FromMilliseconds(value * milliseconds);
            }
        }

        return TimeSpan.Zero;
    }
}
