using Kobune.Api.Containers;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Cri;
using Kobune.Kubelet.Runtime;
using ApiContainer = Kobune.Api.Core.V1.Container;
using ContainerState = Kobune.Kubelet.Cri.ContainerState;

namespace Kobune.Kubelet.Pods;

/// <summary>What the probes say about a run of a container; null is not known yet.</summary>
internal interface IProbeResults
{
    bool? Liveness(string containerId);

    bool? Startup(string containerId);

    bool? Readiness(string containerId);
}

/// <summary>Which step a pod takes next (kuberuntime_manager.go computePodActions). Pure: no clock, no I/O.</summary>
internal static class PodActionPlan
{
    /// <param name="pod">The pod with what it was given.</param>
    /// <param name="all">What the runtime has of it.</param>
    /// <param name="probes">What its probes say.</param>
    /// <param name="resized">Containers that a resize restarts.</param>
    /// <param name="restartsAll">Whether a rule takes all containers away first.</param>
    internal static PodActions Compute(Pod pod, PodRuntimeStatus all, IProbeResults probes, IReadOnlySet<string>? resized = null, bool restartsAll = false)
    {
        if (restartsAll && Resets(pod, all) is { Count: > 0 } resets)
        {
            return new PodActions { Reset = resets };
        }

        var (changed, attempt, sandboxId) = Sandbox(pod, all);
        if (changed)
        {
            return WithNewSandbox(pod, all, attempt, sandboxId);
        }

        var status = all.OfNewestSandbox();
        var step = new Step(pod, status, probes, resized);
        var ephemeral = pod.Spec.EphemeralContainers.Where(c => status.Find(c.Name) is null).ToList();
        if (!step.Init())
        {
            return step.FailsPod ? new PodActions { KillPod = true, SandboxId = sandboxId, Kill = step.Kill }
                : new PodActions { SandboxId = sandboxId, Kill = step.Kill, StartInit = step.StartInit, StartEphemeral = ephemeral };
        }

        var keep = step.Regular();
        if (keep == 0 && step.Start.Count == 0)
        {
            return new PodActions { KillPod = true, SandboxId = sandboxId };
        }

        return new PodActions { SandboxId = sandboxId, Kill = step.Kill, StartInit = step.StartInit, StartEphemeral = ephemeral, Start = step.Start };
    }

    /// <summary>All runs that go before the pod begins anew; those whose end asked for it last, so that a stop in between forgets nothing.</summary>
    private static List<RuntimeContainer> Resets(Pod pod, PodRuntimeStatus status) =>
    [
        .. status.Containers.Select(run => (Run: run, Container: RestartRules.Containers(pod).FirstOrDefault(c => c.Name == run.Name))).Where(p => p.Container is not null)
            .OrderBy(p => p.Run.IsExited && RestartRules.RestartsAll(p.Container!, p.Run.ExitCode)).Select(p => p.Run),
    ];

    /// <summary>Whether the pod needs another sandbox, and its number (util.PodSandboxChanged).</summary>
    internal static (bool Changed, uint Attempt, string Id) Sandbox(Pod pod, PodRuntimeStatus status)
    {
        if (status.Sandboxes.Count == 0)
        {
            return (true, 0, "");
        }

        var newest = status.Sandboxes[0];
        var next = newest.Metadata.Attempt + 1;
        if (status.Sandboxes.Count(s => s.State == PodSandboxState.SandboxReady) != 1 || newest.State != PodSandboxState.SandboxReady)
        {
            return (true, next, newest.Id);
        }

        var onNode = newest.Linux?.Namespaces?.Options?.Network == NamespaceMode.Node;
        if (onNode != pod.Spec.HostNetwork)
        {
            return (true, next, "");
        }

        return !pod.Spec.HostNetwork && string.IsNullOrEmpty(newest.Network?.Ip) ? (true, next, newest.Id) : (false, newest.Metadata.Attempt, newest.Id);
    }

    private static PodActions WithNewSandbox(Pod pod, PodRuntimeStatus status, uint attempt, string sandboxId)
    {
        var actions = new PodActions { KillPod = true, CreateSandbox = true, SandboxId = sandboxId, Attempt = attempt };
        var never = pod.Spec.RestartPolicy == "Never" && RestartRules.Containers(pod).All(c => c.RestartPolicyRules.Count == 0)
            && pod.Spec.InitContainers.All(c => c.RestartPolicy is not "OnFailure") && pod.Spec.Containers.All(c => c.RestartPolicy is null or "Never");
        if (never && attempt != 0 && status.Containers.Count > 0)
        {
            return actions with { CreateSandbox = false }; // all that ran is over, and nothing runs twice
        }

        var start = pod.Spec.Containers
            .Where(c => status.Find(c.Name) is not { IsExited: true } last || RestartRules.RestartsAfter(pod, c, last.ExitCode))
            .ToList();
        if (start.Count == 0)
        {
            return actions with { CreateSandbox = false };
        }

        return pod.Spec.InitContainers.Count > 0 ? actions with { StartInit = [pod.Spec.InitContainers[0]] } : actions with { Start = start };
    }

    /// <summary>The walk over the containers of a pod whose sandbox stays.</summary>
    private sealed class Step(Pod pod, PodRuntimeStatus status, IProbeResults probes, IReadOnlySet<string>? resized)
    {
        internal List<ContainerToKill> Kill { get; } = [];

        internal List<ApiContainer> StartInit { get; } = [];

        internal List<ApiContainer> Start { get; } = [];

        /// <summary>Whether a failed init container ends the pod.</summary>
        internal bool FailsPod { get; private set; }

        /// <summary>Walks the init containers; true when the containers may run.</summary>
        internal bool Init()
        {
            var initialized = pod.Spec.Containers.Any(c => status.Find(c.Name) is not null);
            foreach (var container in pod.Spec.InitContainers)
            {
                var run = status.Find(container.Name);
                var goOn = PodContainers.IsSidecar(container) ? Sidecar(container, run) : initialized || Once(container, run);
                if (!goOn && !initialized)
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>Walks the containers; returns how many stay as they are.</summary>
        internal int Regular()
        {
            var keep = 0;
            foreach (var container in pod.Spec.Containers)
            {
                var run = status.Find(container.Name);
                if (run is not { IsRunning: true })
                {
                    if (ShouldStart(container, run))
                    {
                        Start.Add(container);
                        if (run is { State: ContainerState.ContainerUnknown })
                        {
                            Kill.Add(new(run.Id, container, "Container is in \"Unknown\" state, try killing it before restart", KillReason.Unknown));
                        }
                    }

                    continue;
                }

                if (Fault(container, run, "Container") is not { } fault)
                {
                    if (resized?.Contains(container.Name) == true)
                    {
                        Kill.Add(new(run.Id, container, Resized(container), KillReason.Other));
                        Start.Add(container);
                        continue;
                    }

                    keep++;
                    continue;
                }

                var restart = fault.Always || (container.RestartPolicy ?? pod.Spec.RestartPolicy) != "Never";
                Kill.Add(new(run.Id, container, restart ? fault.Message + ", will be restarted" : fault.Message, fault.Reason));
                if (restart)
                {
                    Start.Add(container);
                }
            }

            return keep;
        }

        private bool ShouldStart(ApiContainer container, RuntimeContainer? run) =>
            pod.Metadata.DeletionTimestamp is null && (run is null || run.State is ContainerState.ContainerUnknown or ContainerState.ContainerCreated || RestartRules.RestartsAfter(pod, container, run.ExitCode));

        /// <summary>An init container that runs to its end; true when it has.</summary>
        private bool Once(ApiContainer container, RuntimeContainer? run)
        {
            switch (run)
            {
                case { IsRunning: true }:
                    return false;
                case { IsExited: true, ExitCode: 0 }:
                    return true;
                case { IsExited: true } when !RestartsInit(container, run.ExitCode):
                    FailsPod = true;
                    return false;
                case { State: ContainerState.ContainerUnknown }:
                    Kill.Add(new(run.Id, container, "Init container is in \"Unknown\" state, try killing it before restart", KillReason.Unknown));
                    break;
            }

            StartInit.Add(container);
            return false;
        }

        private bool RestartsInit(ApiContainer container, int exitCode) =>
            container.RestartPolicy is null && container.RestartPolicyRules.Count == 0 ? pod.Spec.RestartPolicy != "Never" : RestartRules.RestartsAfter(pod, container, exitCode);

        /// <summary>A sidecar; true when it runs and has started, so that the next may start.</summary>
        private bool Sidecar(ApiContainer container, RuntimeContainer? run)
        {
            if (run is not { IsRunning: true })
            {
                if (run is { State: ContainerState.ContainerUnknown })
                {
                    Kill.Add(new(run.Id, container, "Init container is in \"Unknown\" state, try killing it before restart", KillReason.Unknown));
                }

                StartInit.Add(container);
                return false;
            }

            if (Fault(container, run, "Init container") is { } fault)
            {
                Kill.Add(new(run.Id, container, fault.Reason == KillReason.Other ? fault.Message + ", will be restarted" : fault.Message, fault.Reason));
                StartInit.Add(container);
                return false;
            }

            if (resized?.Contains(container.Name) == true)
            {
                Kill.Add(new(run.Id, container, Resized(container), KillReason.Other));
                StartInit.Add(container);
                return false;
            }

            return container.StartupProbe is null || probes.Startup(run.Id) == true;
        }

        private static string Resized(ApiContainer container) => $"Container {container.Name} resize requires restart";

        private (string Message, KillReason Reason, bool Always)? Fault(ApiContainer container, RuntimeContainer run, string what)
        {
            if (run.Hash.Length > 0 && run.Hash != PodContainers.Hash(container))
            {
                return ($"{what} {container.Name} definition changed", KillReason.Other, true);
            }

            if (container.LivenessProbe is not null && probes.Liveness(run.Id) == false)
            {
                return ($"{what} {container.Name} failed liveness probe", KillReason.LivenessProbe, false);
            }

            return container.StartupProbe is not null && probes.Startup(run.Id) == false
                ? ($"{what} {container.Name} failed startup probe", KillReason.StartupProbe, false)
                : null;
        }
    }
}
