using Kobune.Api.Core.V1;
using Kobune.Grpc;
using Kobune.Kubelet.Cgroups;
using Kobune.Kubelet.Images;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Volumes;

namespace Kobune.Kubelet.Pods;

/// <summary>Takes away what a pod leaves behind.</summary>
internal sealed class PodCleaner(
    ICriRuntime runtime, PodRuntimeReader reader, VolumeManager volumes, CgroupManager cgroups, PodSyncer syncer, ImageManager images,
    ServiceAccountTokens tokens, PodFolders folders, Action<string> released)
{
    /// <summary>Of each container one dead run is kept, for `kubectl logs --previous`.</summary>
    private const int DeadRunsKept = 1;

    /// <summary>The pod has ended: its volumes go, its containers stay for their logs.</summary>
    internal void ReleaseVolumes(Pod pod)
    {
        volumes.TearDown(pod.Metadata.Uid);
        cgroups.Remove(pod);
        tokens.Forget(pod.Metadata.Uid);
        released(pod.Metadata.Uid);
    }

    /// <summary>The pod is gone: sandboxes, containers, logs and folders go. True when nothing is left.</summary>
    internal async Task<bool> TryRemoveAsync(Pod pod, CancellationToken ct)
    {
        var uid = pod.Metadata.Uid;
        var status = await reader.ReadAsync(uid, ct);
        await RemoveRuntimeAsync(status, ct);
        volumes.Remove(uid);
        cgroups.Remove(pod);
        var logs = folders.PodLogs(pod.Metadata.Namespace, pod.Metadata.Name, uid);
        if (Directory.Exists(logs))
        {
            Directory.Delete(logs, recursive: true);
        }

        foreach (var run in status.Containers)
        {
            File.Delete(folders.LogLink(pod.Metadata.Name, pod.Metadata.Namespace, run.Name, run.Id));
        }

        syncer.Forget(uid);
        images.Forget(uid);
        tokens.Forget(uid);
        return true;
    }

    internal async Task RemoveRuntimeAsync(PodRuntimeStatus status, CancellationToken ct)
    {
        foreach (var run in status.Containers)
        {
            await IgnoreMissingAsync(runtime.RemoveContainerAsync(run.Id, ct));
        }

        foreach (var sandbox in status.Sandboxes)
        {
            // Stopping again is harmless, and runs CNI DEL where an earlier stop was lost.
            await IgnoreMissingAsync(runtime.StopPodSandboxAsync(sandbox.Id, ct));
            await IgnoreMissingAsync(runtime.RemovePodSandboxAsync(sandbox.Id, ct));
        }
    }

    /// <summary>Removes older dead runs and older sandboxes of a living pod.</summary>
    internal async Task PruneAsync(PodRuntimeStatus status, CancellationToken ct)
    {
        try
        {
            foreach (var runs in status.Containers.Where(c => c.IsExited).GroupBy(c => c.Name))
            {
                var alive = status.Containers.Any(c => c.Name == runs.Key && !c.IsExited);
                foreach (var run in runs.Skip(alive ? DeadRunsKept : DeadRunsKept + 1))
                {
                    await IgnoreMissingAsync(runtime.RemoveContainerAsync(run.Id, ct));
                }
            }

            foreach (var sandbox in status.Sandboxes.Skip(1).Where(s => s.State != Cri.PodSandboxState.SandboxReady && status.Containers.All(c => c.SandboxId != s.Id)))
            {
                await IgnoreMissingAsync(runtime.RemovePodSandboxAsync(sandbox.Id, ct));
            }
        }
        catch (RpcException)
        {
            // The next step of the pod prunes again.
        }
    }

    private static async Task IgnoreMissingAsync(Task call)
    {
        try
        {
            await call;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            // It is gone: that was the wish.
        }
    }
}
