using System.Text.Json.Nodes;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;

namespace Kobune.ControllerManager.Tests.Jobs;

/// <summary>Short ways to write Jobs and their pods.</summary>
internal static class JobObjects
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static JobSpec Spec(string restartPolicy = "Never") => new()
    {
        Completions = 1,
        Parallelism = 1,
        Template = new() { Spec = new PodSpec { RestartPolicy = restartPolicy, Containers = [new Container { Name = "c", Image = "i" }] } },
    };

    public static JobSpec Indexed(int completions) => Spec() with { CompletionMode = "Indexed", Completions = completions, Parallelism = completions };

    public static Job Job(JobSpec spec, JobStatus? status = null) => new()
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = "j", Uid = "uid-j" },
        Spec = spec with { BackoffLimit = spec.BackoffLimit ?? (spec.BackoffLimitPerIndex is null ? 6 : int.MaxValue) },
        Status = status ?? new JobStatus { StartTime = Now.AddMinutes(-1) },
    };

    /// <summary>A pod of the Job that still has its finalizer.</summary>
    /// <param name="exitCode">Of a pod that has ended.</param>
    /// <param name="ago">How long ago it ended.</param>
    public static Pod JobPod(string name, int? index = null, int? exitCode = null, TimeSpan ago = default, int failures = 0, bool tracked = true, TimeSpan? age = null)
    {
        var annotations = new Dictionary<string, string>();
        if (index is { } i)
        {
            annotations["batch.kubernetes.io/job-completion-index"] = $"{i}";
            annotations["batch.kubernetes.io/job-index-failure-count"] = $"{failures}";
        }

        return new Pod
        {
            Metadata = new ObjectMeta { Namespace = "default", Name = name, Uid = "uid-" + name, Annotations = annotations, Finalizers = tracked ? ["batch.kubernetes.io/job-tracking"] : [], CreationTimestamp = Now - (age ?? TimeSpan.FromHours(1)) },
            Spec = new PodSpec { NodeName = "n1" },
            Status = new PodStatus
            {
                Phase = exitCode switch { null => PodPhase.Running, 0 => PodPhase.Succeeded, _ => PodPhase.Failed },
                ContainerStatuses = exitCode is { } code ? [new() { Name = "c", State = new() { Terminated = new() { ExitCode = code, FinishedAt = Now - ago } } }] : [],
            },
        };
    }

    public static PodFailurePolicy OnExit(string action, string op, params int[] codes) =>
        new() { Rules = [new() { Action = action, OnExitCodes = new() { Operator = op, Values = codes } }] };

    public static Patch Merge(string json) => Patch.Merge(JsonNode.Parse(json)!.AsObject());

    public static Patch Strategic(string json) => Patch.Strategic(JsonNode.Parse(json)!.AsObject());
}
