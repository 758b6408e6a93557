using System.Globalization;
using Kobune.Kubelet.Cri;

namespace Kobune.Kubelet.Runtime;

/// <summary>What the runtime has of one pod, at one moment. Both lists have the newest first.</summary>
internal sealed record PodRuntimeStatus(string Uid, IReadOnlyList<PodSandboxStatus> Sandboxes, IReadOnlyList<RuntimeContainer> Containers)
{
    internal static PodRuntimeStatus None(string uid) => new(uid, [], []);

    internal PodSandboxStatus? ReadySandbox => Sandboxes is [{ State: PodSandboxState.SandboxReady } newest, ..] ? newest : null;

    /// <summary>The addresses of the newest sandbox.</summary>
    internal IReadOnlyList<string> IPs => Sandboxes is [{ State: PodSandboxState.SandboxReady, Network: { Ip.Length: > 0 } network }, ..]
        ? [network.Ip, .. network.AdditionalIps.Select(ip => ip.Ip)]
        : [];

    internal RuntimeContainer? Find(string name)
    {
        foreach (var container in Containers)
        {
            if (container.Name == name)
            {
                return container;
            }
        }

        return null;
    }

    internal RuntimeContainer? FindById(string id) => Containers.FirstOrDefault(c => c.Id == id);

    /// <summary>The same without the containers of older sandboxes: what an older network namespace ran does not count for this one.</summary>
    internal PodRuntimeStatus OfNewestSandbox() =>
        Sandboxes.Count <= 1 && Sandboxes.All(s => Containers.All(c => c.SandboxId == s.Id)) ? this
        : this with { Containers = [.. Containers.Where(c => Sandboxes.Count > 0 && c.SandboxId == Sandboxes[0].Id)] };
}

/// <summary>One run of a container.</summary>
internal sealed record RuntimeContainer(string Id, string Name, string SandboxId, ContainerState State)
{
    internal DateTimeOffset CreatedAt { get; init; }

    internal DateTimeOffset StartedAt { get; init; }

    internal DateTimeOffset FinishedAt { get; init; }

    internal int ExitCode { get; init; }

    internal string Reason { get; init; } = "";

    internal string Message { get; init; } = "";

    internal string Image { get; init; } = "";

    internal string ImageRef { get; init; } = "";

    internal string LogPath { get; init; } = "";

    /// <summary>What the kernel holds it to; null when the runtime does not tell (containerd before 1.7).</summary>
    internal LinuxContainerResources? Resources { get; init; }

    internal int RestartCount { get; init; }

    internal string Hash { get; init; } = "";

    internal string TerminationMessagePolicy { get; init; } = "";

    /// <summary>The file on the node that is the container's termination log; empty for none.</summary>
    internal string TerminationMessageFile { get; init; } = "";

    internal bool IsRunning => State == ContainerState.ContainerRunning;

    internal bool IsExited => State == ContainerState.ContainerExited;

    /// <summary>"containerd://id", the form of the API.</summary>
    internal string ApiId => "containerd://" + Id;

    internal static RuntimeContainer Of(ContainerStatus status, string sandboxId)
    {
        var annotations = status.Annotations;
        var path = annotations.TryGetValue(ContainerLabels.TerminationMessagePath, out var p) ? p : "";
        return new(status.Id, status.Metadata.Name, sandboxId, status.State)
        {
            CreatedAt = Time(status.CreatedAt),
            StartedAt = Time(status.StartedAt),
            FinishedAt = Time(status.FinishedAt),
            ExitCode = status.ExitCode,
            Reason = status.Reason,
            Message = status.Message,
            Image = status.Image?.Image ?? "",
            ImageRef = status.ImageRef,
            LogPath = status.LogPath,
            Resources = status.Resources?.Linux,
            RestartCount = annotations.TryGetValue(ContainerLabels.RestartCount, out var count) && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0,
            Hash = annotations.TryGetValue(ContainerLabels.Hash, out var hash) ? hash : "",
            TerminationMessagePolicy = annotations.TryGetValue(ContainerLabels.TerminationMessagePolicy, out var policy) ? policy : "",
            TerminationMessageFile = path.Length == 0 ? "" : status.Mounts.FirstOrDefault(m => m.ContainerPath == path)?.HostPath ?? "",
        };
    }

    private static DateTimeOffset Time(long nanoseconds) => nanoseconds <= 0 ? default : DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100);
}
