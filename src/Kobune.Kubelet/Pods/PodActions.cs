using Kobune.Api.Core.V1;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Pods;

/// <summary>Why a container is killed.</summary>
internal enum KillReason
{
    Other,
    StartupProbe,
    LivenessProbe,
    Unknown,
}

/// <summary>A running container that must go.</summary>
internal sealed record ContainerToKill(string Id, Container Container, string Message, KillReason Reason);

/// <summary>One step of a pod towards what it should be.</summary>
internal sealed record PodActions
{
    /// <summary>The whole pod goes: its sandbox changed, or nothing of it shall run any more.</summary>
    internal bool KillPod { get; init; }

    internal bool CreateSandbox { get; init; }

    /// <summary>The sandbox to use when none is created.</summary>
    internal string SandboxId { get; init; } = "";

    /// <summary>The number of the sandbox to create.</summary>
    internal uint Attempt { get; init; }

    internal IReadOnlyList<ContainerToKill> Kill { get; init; } = [];

    /// <summary>Runs that are ended at once and removed, because a rule restarts all containers; nothing else is done in this step.</summary>
    internal IReadOnlyList<RuntimeContainer> Reset { get; init; } = [];

    internal IReadOnlyList<Container> StartInit { get; init; } = [];

    internal IReadOnlyList<EphemeralContainer> StartEphemeral { get; init; } = [];

    internal IReadOnlyList<Container> Start { get; init; } = [];

    internal bool IsNothing => !KillPod && !CreateSandbox && Kill.Count == 0 && Reset.Count == 0 && StartInit.Count == 0 && StartEphemeral.Count == 0 && Start.Count == 0;
}
