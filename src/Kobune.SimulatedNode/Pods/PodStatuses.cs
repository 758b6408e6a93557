using System.Security.Cryptography;
using System.Text;
using Kobune.Api.Containers;
using Kobune.Api.Core.V1;

namespace Kobune.SimulatedNode.Pods;

/// <summary>The status that a real kubelet would report. Pure.</summary>
internal static class PodStatuses
{
    private const string True = "True";
    private const string False = "False";

    /// <summary>All containers run but those that have ended for good; with <paramref name="ready"/> the pod is Ready as far as those and its readiness gates allow.</summary>
    public static PodStatus Running(Pod pod, string hostIP, string podIP, bool ready, DateTimeOffset now)
    {
        var unready = pod.Spec.Containers.Where(c => !ready || IsOver(pod, c)).Select(c => c.Name).ToList();
        var status = pod.Status with
        {
            ObservedGeneration = pod.Metadata.Generation,
            Phase = PodPhase.Running,
            HostIP = hostIP,
            HostIPs = [new() { IP = hostIP }],
            PodIP = podIP,
            PodIPs = [new() { IP = podIP }],
            StartTime = pod.Status.StartTime ?? now,
            InitContainerStatuses = [.. pod.Spec.InitContainers.Select(c => IsSidecar(c) ? Started(pod, c, ready, now) : Ended(pod, c, 0, now))],
            ContainerStatuses = [.. pod.Spec.Containers.Select(c => IsOver(pod, c) ? Ended(pod, c, 0, now) : Started(pod, c, ready, now))],
        };
        return With(
            status,
            now,
            [
                new() { Type = "PodReadyToStartContainers", Status = True },
                new() { Type = "Initialized", Status = True },
                ReadyCondition(pod, unready),
                unready.Count == 0 ? new() { Type = "ContainersReady", Status = True } : Unready("ContainersReady", unready),
                .. WholeRestart(pod, ""),
            ]);
    }

    /// <summary>All containers have ended, with this code where they had not before. What ran before keeps its start.</summary>
    public static PodStatus Ended(Pod pod, int exitCode, DateTimeOffset now)
    {
        var isGood = exitCode == 0 && pod.Status.ContainerStatuses.All(s => s.State.Terminated is null or { ExitCode: 0 });
        var reason = isGood ? "PodCompleted" : "PodFailed";
        var status = pod.Status with
        {
            ObservedGeneration = pod.Metadata.Generation,
            Phase = isGood ? PodPhase.Succeeded : PodPhase.Failed,
            StartTime = pod.Status.StartTime ?? now,
            InitContainerStatuses = [.. pod.Spec.InitContainers.Select(c => Ended(pod, c, 0, now))],
            ContainerStatuses = [.. pod.Spec.Containers.Select(c => Ended(pod, c, exitCode, now))],
        };
        PodCondition initialized = isGood ? new() { Type = "Initialized", Status = True, Reason = reason } : new() { Type = "Initialized", Status = True };
        return With(
            status,
            now,
            [
                new() { Type = "PodReadyToStartContainers", Status = False },
                initialized,
                new() { Type = "Ready", Status = False, Reason = reason },
                new() { Type = "ContainersReady", Status = False, Reason = reason },
                .. WholeRestart(pod, reason),
            ]);
    }

    /// <summary>Whether the Ready condition says what the readiness gates say; it does not when the node was taken for lost, either.</summary>
    public static bool ReadyMatchesGates(Pod pod)
    {
        var ready = pod.Status.Conditions.FirstOrDefault(c => c.Type == "Ready");
        var containersReady = pod.Status.Conditions.Any(c => c is { Type: "ContainersReady", Status: True });
        return !containersReady || ready?.Status == ReadyCondition(pod, []).Status;
    }

    private static PodCondition ReadyCondition(Pod pod, List<string> unready)
    {
        if (unready.Count > 0)
        {
            return Unready("Ready", unready);
        }

        var problems = new List<string>();
        foreach (var gate in pod.Spec.ReadinessGates)
        {
            var condition = pod.Status.Conditions.FirstOrDefault(c => c.Type == gate.ConditionType);
            if (condition is null)
            {
                problems.Add($"corresponding condition of pod readiness gate \"{gate.ConditionType}\" does not exist.");
            }
            else if (condition.Status != True)
            {
                problems.Add($"the status of pod readiness gate \"{gate.ConditionType}\" is not \"True\", but {condition.Status}");
            }
        }

        return problems.Count == 0
            ? new() { Type = "Ready", Status = True }
            : new() { Type = "Ready", Status = False, Reason = "ReadinessGatesNotReady", Message = string.Join(", ", problems) };
    }

    private static PodCondition Unready(string type, List<string> containers) => new()
    {
        Type = type,
        Status = False,
        Reason = "ContainersNotReady",
        Message = $"containers with unready status: [{string.Join(' ', containers)}]",
    };

    /// <summary>Whose containers may all be taken away to begin anew says that it is not at it.</summary>
    private static PodCondition[] WholeRestart(Pod pod, string reason) =>
        RestartRules.MayRestartAll(pod) ? [new() { Type = RestartRules.Restarting, Status = False, Reason = reason }] : [];

    private static bool IsOver(Pod pod, Container container) => Known(pod, container)?.State.Terminated is not null;

    /// <summary>Replaces conditions by type; those of others stay, a time changes only with the status.</summary>
    private static PodStatus With(PodStatus status, DateTimeOffset now, params PodCondition[] conditions)
    {
        var kept = status.Conditions.Where(old => conditions.All(c => c.Type != old.Type));
        var made = conditions.Select(c =>
        {
            var old = status.Conditions.FirstOrDefault(o => o.Type == c.Type);
            return c with { ObservedGeneration = status.ObservedGeneration, LastTransitionTime = old is not null && old.Status == c.Status ? old.LastTransitionTime : now };
        });
        return status with { Conditions = [.. made, .. kept] };
    }

    private static ContainerStatus Started(Pod pod, Container container, bool ready, DateTimeOffset now) =>
        Of(pod, container) with { Ready = ready, Started = true, State = new() { Running = Known(pod, container)?.State.Running ?? new() { StartedAt = now } } };

    private static ContainerStatus Ended(Pod pod, Container container, int exitCode, DateTimeOffset now)
    {
        var known = Known(pod, container);
        var made = Of(pod, container);
        return made with
        {
            Ready = exitCode == 0 && pod.Spec.InitContainers.Contains(container),
            Started = false,
            State = known?.State.Terminated is not null ? known.State : new()
            {
                Terminated = new()
                {
                    ExitCode = exitCode,
                    Reason = exitCode == 0 ? "Completed" : "Error",
                    StartedAt = known?.State.Running?.StartedAt ?? now,
                    FinishedAt = now,
                    ContainerID = made.ContainerID,
                },
            },
        };
    }

    private static ContainerStatus Of(Pod pod, Container container) => new()
    {
        Name = container.Name,
        Image = container.Image,
        ImageID = container.Image + "@sha256:" + Hash(container.Image),
        ContainerID = ContainerIdOf(pod, container.Name, Known(pod, container)?.RestartCount ?? 0),
        RestartCount = Known(pod, container)?.RestartCount ?? 0,
        LastTerminationState = Known(pod, container)?.LastTerminationState ?? new(),
        Resources = PodResize.Granted(container),
        AllocatedResources = container.Resources.Requests,
    };

    /// <summary>Each run of a container has an ID of its own.</summary>
    public static string ContainerIdOf(Pod pod, string container, int run) => "containerd://" + Hash(pod.Metadata.Uid + "/" + container + (run == 0 ? "" : "/" + run));

    private static ContainerStatus? Known(Pod pod, Container container) =>
        pod.Status.ContainerStatuses.FirstOrDefault(s => s.Name == container.Name) ?? pod.Status.InitContainerStatuses.FirstOrDefault(s => s.Name == container.Name);

    private static bool IsSidecar(Container container) => container.RestartPolicy == "Always";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
