using Kobune.Grpc;
using Kobune.Kubelet.Machine;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Volumes;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet.Pods;

/// <summary>What the runtime and the disk still have of pods that no source knows: stopped (with CNI DEL) and removed.</summary>
internal sealed partial class OrphanCleaner(ICriRuntime runtime, PodRuntimeReader reader, PodCleaner cleaner, PodFolders folders, ILogger logger)
{
    internal async Task RunAsync(Func<string, bool> isKnown, CancellationToken ct)
    {
        var sandboxes = await runtime.ListPodSandboxAsync(null, ct);
        var uids = sandboxes.Select(s => s.Metadata.Uid).Concat(PodsOnDisk()).Where(u => u.Length > 0 && !isKnown(u)).Distinct().ToList();
        foreach (var uid in uids)
        {
            try
            {
                LogOrphan(uid);
                await RemoveAsync(uid, sandboxes.FirstOrDefault(s => s.Metadata.Uid == uid), ct);
            }
            catch (Exception e) when (e is RpcException or IOException or System.ComponentModel.Win32Exception)
            {
                LogFailed(uid, e.Message);
            }
        }
    }

    private IEnumerable<string> PodsOnDisk() => Directory.Exists(folders.Pods) ? Directory.EnumerateDirectories(folders.Pods).Select(d => Path.GetFileName(d)) : [];

    private async Task RemoveAsync(string uid, Cri.PodSandbox? sandbox, CancellationToken ct)
    {
        await cleaner.RemoveRuntimeAsync(await reader.ReadAsync(uid, ct), ct);
        Linux.UnmountBelow(folders.Pod(uid));
        if (Directory.Exists(folders.Pod(uid)))
        {
            Directory.Delete(folders.Pod(uid), recursive: true);
        }

        if (sandbox is not null && folders.PodLogs(sandbox.Metadata.Namespace, sandbox.Metadata.Name, uid) is var logs && Directory.Exists(logs))
        {
            Directory.Delete(logs, recursive: true);
        }
    }

    [LoggerMessage(LogLevel.Information, "Removing what is left of pod {Uid}: no source knows it")]
    private partial void LogOrphan(string uid);

    [LoggerMessage(LogLevel.Warning, "What is left of pod {Uid} could not be removed: {Message}")]
    private partial void LogFailed(string uid, string message);
}
