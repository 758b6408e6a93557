using Kobune.Api.Core.V1;
using Kobune.Grpc;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Events;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Pods;

/// <summary>Ends containers and pods gracefully: preStop, the stop signal, and SIGKILL when the grace is over (kuberuntime_container.go killContainer).</summary>
internal sealed class PodKiller(ICriRuntime runtime, LifecycleHooks hooks, IKubeletEvents events, TimeProvider time)
{
    /// <summary>What a container always gets after its preStop hook.</summary>
    private static readonly TimeSpan MinimumGrace = TimeSpan.FromSeconds(2);

    /// <param name="message">For the Killing event; empty for the usual one.</param>
    /// <param name="grace">Overrides the pod's grace period.</param>
    internal async Task KillContainerAsync(Pod pod, Container container, string id, string message, TimeSpan? grace, CancellationToken ct)
    {
        var left = grace ?? Grace(pod);
        events.Pod(pod, container, EventReasons.Normal, EventReasons.Killing, message.Length > 0 ? message : $"Stopping container {container.Name}");
        if (container.Lifecycle?.PreStop is { } hook && left > TimeSpan.Zero)
        {
            var started = time.GetTimestamp();
            await PreStopAsync(pod, container, hook, id, left, ct);
            left -= time.GetElapsedTime(started);
            left = left < MinimumGrace ? MinimumGrace : left;
        }

        try
        {
            await runtime.StopContainerAsync(id, left, ct);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            // It is gone: that was the wish.
        }
    }

    /// <summary>Ends all containers, sidecars last and in reverse order, then all sandboxes.</summary>
    internal async Task KillPodAsync(Pod pod, PodRuntimeStatus status, TimeSpan? grace, CancellationToken ct)
    {
        var deadline = time.GetUtcNow() + (grace ?? Grace(pod));
        var running = status.Containers.Where(c => c.IsRunning || c.State == Cri.ContainerState.ContainerUnknown).ToList();
        var sidecars = pod.Spec.InitContainers.Where(PodContainers.IsSidecar).Select(c => c.Name).Reverse().ToList();
        await Task.WhenAll(running.Where(r => !sidecars.Contains(r.Name)).Select(r => KillAsync(r, grace ?? Grace(pod))));
        foreach (var name in sidecars)
        {
            var left = deadline - time.GetUtcNow();
            await Task.WhenAll(running.Where(r => r.Name == name).Select(r => KillAsync(r, left > TimeSpan.Zero ? left : TimeSpan.Zero)));
        }

        foreach (var sandbox in status.Sandboxes)
        {
            await StopSandboxAsync(sandbox.Id, ct);
        }

        Task KillAsync(RuntimeContainer run, TimeSpan limit) =>
            KillContainerAsync(pod, PodContainers.Find(pod, run.Name) ?? new Container { Name = run.Name }, run.Id, "", limit, ct);
    }

    /// <summary>Stops a sandbox with its network; one that is gone is fine.</summary>
    internal async Task StopSandboxAsync(string id, CancellationToken ct)
    {
        try
        {
            await runtime.StopPodSandboxAsync(id, ct);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            // It is gone: that was the wish.
        }
    }

    /// <summary>Removes a container that has ended; one that is gone is fine.</summary>
    internal async Task RemoveContainerAsync(string id, CancellationToken ct)
    {
        try
        {
            await runtime.RemoveContainerAsync(id, ct);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            // It is gone: that was the wish.
        }
    }

    /// <summary>The grace of a deletion, else the pod's own.</summary>
    internal static TimeSpan Grace(Pod pod) =>
        TimeSpan.FromSeconds(pod.Metadata.DeletionTimestamp is not null ? pod.Metadata.DeletionGracePeriodSeconds ?? 0 : pod.Spec.TerminationGracePeriodSeconds ?? 30);

    private async Task PreStopAsync(Pod pod, Container container, LifecycleHandler hook, string id, TimeSpan limit, CancellationToken ct)
    {
        using var over = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, ct);
        try
        {
            var ip = pod.Status.PodIP.Length > 0 ? pod.Status.PodIP : "";
            await hooks.RunAsync(pod, container, hook, id, ip, limit, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            events.Pod(pod, container, EventReasons.Warning, EventReasons.FailedPreStopHook, "PreStopHook did not complete before the grace period");
        }
        catch (HookException)
        {
            events.Pod(pod, container, EventReasons.Warning, EventReasons.FailedPreStopHook, "PreStopHook failed");
        }
    }
}
