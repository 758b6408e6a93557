using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.Grpc;
using Kobune.Kubelet.Cgroups;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Devices;
using Kobune.Kubelet.Events;
using Kobune.Kubelet.Probes;
using Kobune.Kubelet.Resizes;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Sandboxes;
using Kobune.Kubelet.Statuses;
using Kobune.Kubelet.Volumes;

namespace Kobune.Kubelet.Pods;

/// <summary>How a step ended: when to look again without another event, and whether the next step may follow at once.</summary>
internal sealed record SyncOutcome(DateTimeOffset? Again = null, bool Changed = false)
{
    /// <summary>Whether something was to be done and has to wait; files that are to be made anew one day are nothing of the kind.</summary>
    internal bool Waits { get; private init; }

    internal SyncOutcome Earlier(DateTimeOffset other) => this with { Again = Again < other ? Again : other, Waits = true };
}

/// <summary>Moves a living pod one step towards its spec (kubelet.go SyncPod, kuberuntime_manager.go SyncPod).</summary>
internal sealed class PodSyncer(
    ICriRuntime runtime,
    VolumeManager volumes,
    IDeviceClaims devices,
    SandboxConfigs sandboxes,
    ContainerStarter starter,
    PodKiller killer,
    CgroupManager cgroups,
    ProbeManager probes,
    PodResizer resizer,
    PodAllocations allocations,
    StartErrors errors,
    IPodEnvironment environment,
    PodFolders folders,
    IKubeletEvents events,
    FeatureGates features,
    TimeProvider time)
{
    private readonly KubeletBackOff _crashes = features.IsEnabled("ReduceDefaultCrashLoopBackOffDecay")
        ? new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), time)
        : new(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5), time);

    /// <param name="pod">The pod with what it was given.</param>
    /// <param name="status">What the runtime has of it.</param>
    /// <param name="restartsAll">Whether a rule restarts all its containers.</param>
    /// <param name="ct">Ends the step.</param>
    internal async Task<SyncOutcome> SyncAsync(Pod pod, PodRuntimeStatus status, bool restartsAll, CancellationToken ct)
    {
        var resize = resizer.Plan(pod, status);
        var actions = PodActionPlan.Compute(pod, status, probes, resize.Restarts, restartsAll);
        if (actions.Reset.Count > 0)
        {
            await ResetAsync(pod, actions.Reset, ct);
            return new(Changed: true);
        }

        if (environment.NetworkProblem is { } problem && !pod.Spec.HostNetwork && actions.CreateSandbox)
        {
            events.Pod(pod, null, EventReasons.Warning, EventReasons.NetworkNotReady, $"network is not ready: {problem}");
            return new(time.GetUtcNow().AddSeconds(5));
        }

        var context = new VolumeFiles.Context(status.IPs, environment.HostIPs, environment.Allocatable);
        MountedVolumes? mounted;
        try
        {
            mounted = await MountAsync(pod, context, ct);
        }
        catch (ImageVolumeException e)
        {
            foreach (var container in PodContainers.All(pod).Where(c => c.VolumeMounts.Any(m => m.Name == e.Volume)))
            {
                errors.Set(pod.Metadata.Uid, container.Name, e.Cause.Reason, e.Message);
            }

            return new(time.GetUtcNow() + (e.Cause.RetryAfter ?? TimeSpan.FromSeconds(10)));
        }

        if (mounted is null)
        {
            return new(time.GetUtcNow().AddSeconds(20));
        }

        var outcome = new SyncOutcome(mounted.RefreshAt);
        if (actions.IsNothing)
        {
            return await ResizeAsync(pod, resize, status, outcome, ct);
        }

        if (await KillAsync(pod, status, actions, ct))
        {
            status = await Reader.ReadAsync(pod.Metadata.Uid, ct);
        }

        if (actions.KillPod && !actions.CreateSandbox)
        {
            return outcome with { Changed = true };
        }

        if (!actions.CreateSandbox)
        {
            outcome = await ResizeAsync(pod, resize, status, outcome, ct);
        }

        return await StartAsync(pod, status, actions, mounted, outcome, ct);
    }

    private async Task<SyncOutcome> ResizeAsync(Pod pod, ResizePlan resize, PodRuntimeStatus status, SyncOutcome outcome, CancellationToken ct)
    {
        var pause = await resizer.ResizeAsync(pod, resize, ct);
        if (pause is null && resizer.Plan(pod, status).IsNothing)
        {
            allocations.Completed(pod); // what does not run gets its new resources when it starts
        }

        // What the runtime says of its containers is old now.
        return pause is { } wait ? outcome.Earlier(time.GetUtcNow() + wait) : outcome with { Changed = !resize.IsNothing };
    }

    internal void Forget(string uid)
    {
        _crashes.Forget(uid + "_");
        errors.Forget(uid);
    }

    private PodRuntimeReader Reader { get; } = new(runtime);

    private async Task<MountedVolumes?> MountAsync(Pod pod, VolumeFiles.Context context, CancellationToken ct)
    {
        Directory.CreateDirectory(folders.Pod(pod.Metadata.Uid));
        Directory.CreateDirectory(Path.Combine(folders.Pod(pod.Metadata.Uid), "volumes"));
        Directory.CreateDirectory(folders.PodLogs(pod.Metadata.Namespace, pod.Metadata.Name, pod.Metadata.Uid));
        try
        {
            return await volumes.SetUpAsync(pod, context, ct);
        }
        catch (MountException e)
        {
            events.Pod(pod, null, EventReasons.Warning, e.IsMapping ? EventReasons.FailedMapVolume : EventReasons.FailedMount, e.Message);
            return null;
        }
    }

    /// <summary>True when something was ended.</summary>
    private async Task<bool> KillAsync(Pod pod, PodRuntimeStatus status, PodActions actions, CancellationToken ct)
    {
        if (actions.KillPod)
        {
            if (actions.CreateSandbox && status.Sandboxes.Count > 0)
            {
                events.Pod(pod, null, EventReasons.Normal, EventReasons.SandboxChanged, "Pod sandbox changed, it will be killed and re-created.");
            }

            await killer.KillPodAsync(pod, status, null, ct);
            return status.Sandboxes.Count > 0;
        }

        await Task.WhenAll(actions.Kill.Select(k => killer.KillContainerAsync(pod, k.Container, k.Id, k.Message, Grace(k), ct)));
        return actions.Kill.Count > 0;
    }

    /// <summary>Takes runs away without grace and without preStop hooks; the volumes and the sandbox stay (KEP-5532).</summary>
    private async Task ResetAsync(Pod pod, IReadOnlyList<RuntimeContainer> runs, CancellationToken ct)
    {
        await Task.WhenAll(runs.Where(r => r.IsRunning || r.State == Cri.ContainerState.ContainerUnknown)
            .Select(r => killer.KillContainerAsync(pod, PodContainers.Find(pod, r.Name)!, r.Id, "", TimeSpan.Zero, ct)));
        foreach (var run in runs)
        {
            await killer.RemoveContainerAsync(run.Id, ct);
        }
    }

    private static TimeSpan? Grace(ContainerToKill kill)
    {
        var probe = kill.Reason switch
        {
            KillReason.LivenessProbe => kill.Container.LivenessProbe,
            KillReason.StartupProbe => kill.Container.StartupProbe,
            _ => null,
        };
        return probe?.TerminationGracePeriodSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private async Task<SyncOutcome> StartAsync(Pod pod, PodRuntimeStatus status, PodActions actions, MountedVolumes mounted, SyncOutcome outcome, CancellationToken ct)
    {
        var attempt = actions.CreateSandbox ? actions.Attempt : status.Sandboxes[0].Metadata.Attempt;
        var dns = sandboxes.ResolvConfOf(pod);
        var config = sandboxes.Build(pod, attempt, dns.Conf);
        var (id, ips) = (actions.SandboxId, status.IPs);
        if (actions.CreateSandbox)
        {
            if (await devices.ComplaintAsync(pod, ct) is { } complaint)
            {
                events.Pod(pod, null, EventReasons.Warning, EventReasons.FailedPrepareDynamicResources, $"Failed to prepare dynamic resources: prepare dynamic resources: {complaint}");
                return outcome.Earlier(time.GetUtcNow().AddSeconds(5));
            }

            if (await CreateSandboxAsync(pod, config, dns.Warnings, ct) is not { } created)
            {
                return outcome.Earlier(time.GetUtcNow().AddSeconds(5));
            }

            (id, ips) = created;
        }

        var sources = new EnvironmentSources(
            environment.Objects, environment.Services, environment.Allocatable, pod.Spec.HostNetwork ? environment.HostIPs : ips, environment.HostIPs)
        {
            Volumes = mounted.ByName,
        };
        var context = new StartContext(pod, status, id, config, mounted, sources);
        foreach (var container in actions.StartEphemeral)
        {
            var target = container.TargetContainerName.Length > 0 ? status.Find(container.TargetContainerName)?.Id ?? "" : "";
            outcome = await TryStartAsync(context, PodContainers.AsContainer(container), target, outcome, ct);
        }

        foreach (var container in actions.StartInit.Concat(actions.Start))
        {
            outcome = await TryStartAsync(context, container, "", outcome, ct);
        }

        return outcome with { Changed = true };
    }

    private async Task<(string Id, IReadOnlyList<string> IPs)?> CreateSandboxAsync(Pod pod, Cri.PodSandboxConfig config, IReadOnlyList<(string Reason, string Message)> dnsWarnings, CancellationToken ct)
    {
        try
        {
            cgroups.Ensure(pod);
            foreach (var (reason, message) in dnsWarnings)
            {
                events.Pod(pod, null, EventReasons.Warning, reason, message);
            }

            var id = await runtime.RunPodSandboxAsync(config, SandboxConfigs.HandlerOf(pod, environment.RuntimeHandler), ct);
            var status = await runtime.PodSandboxStatusAsync(id, ct);
            return (id, new PodRuntimeStatus(pod.Metadata.Uid, [status], []).IPs);
        }
        catch (Exception e) when (e is RpcException or SandboxConfigException or IOException or UnauthorizedAccessException)
        {
            events.Pod(pod, null, EventReasons.Warning, EventReasons.FailedCreatePodSandbox, $"Failed to create pod sandbox: {e.Message}");
            return null;
        }
    }

    private async Task<SyncOutcome> TryStartAsync(StartContext context, Container container, string targetId, SyncOutcome outcome, CancellationToken ct)
    {
        var uid = context.Pod.Metadata.Uid;
        if (CrashPause(context, container) is { } again)
        {
            return outcome.Earlier(again);
        }

        try
        {
            await starter.StartAsync(context, container, targetId, ct);
            errors.Clear(uid, container.Name);
            allocations.SetActuated(uid, container.Name, container.Resources);
            return outcome;
        }
        catch (StartException e)
        {
            errors.Set(uid, container.Name, e.Reason, e.Message);
            return outcome.Earlier(time.GetUtcNow() + (e.RetryAfter ?? TimeSpan.FromSeconds(10)));
        }
    }

    /// <summary>When a container that crashed may start again; null when it may now.</summary>
    private DateTimeOffset? CrashPause(StartContext context, Container container)
    {
        if (context.Status.Find(container.Name) is not { IsExited: true } last)
        {
            return null;
        }

        var pod = context.Pod;
        var key = $"{pod.Metadata.Uid}_{container.Name}_{PodContainers.Hash(container)}";
        var remaining = _crashes.Remaining(key, last.FinishedAt);
        if (remaining == TimeSpan.Zero)
        {
            _crashes.Next(key, last.FinishedAt);
            return null;
        }

        var where = ContainerSecurity.Describe(pod);
        events.Pod(pod, container, EventReasons.Warning, EventReasons.BackOff, $"Back-off restarting failed container {container.Name} in pod {where}");
        errors.Set(
            pod.Metadata.Uid, container.Name, "CrashLoopBackOff",
            $"back-off {GoDuration.Format(_crashes.Pause(key))} restarting failed container={container.Name} pod={where}");
        return time.GetUtcNow() + remaining;
    }
}
