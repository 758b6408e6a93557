using System.Collections.Concurrent;
using Kobune.Api.Containers;
using Kobune.Grpc;
using Kobune.Kubelet.Cri;

namespace Kobune.Kubelet.Runtime;

/// <summary>
/// Turns containerd's exit events into changes that CRI shows as well: its CRI plugin hears of an exit when we do, and for some milliseconds still
/// says that the container runs. So each exit is asked for until it shows.
/// </summary>
internal sealed class ExitWatcher(ICriRuntime runtime, TimeProvider time, Action<string, string> exited)
{
    /// <summary>Pauses between two looks; afterwards the regular relist finds it.</summary>
    private static readonly int[] PausesMilliseconds = [0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560];

    /// <summary>Looks for which a killed container may still get its reason: the event that tells of too little memory can come behind the exit, and a status once written stays.</summary>
    private const int LooksForReason = 6;

    private readonly ConcurrentDictionary<string, Task> _running = new();

    /// <summary>A task of containerd has ended; the id is of a container or of a sandbox.</summary>
    internal void OnExit(string id, CancellationToken ct) => _running.GetOrAdd(id, _ => SettleAsync(id, ct));

    internal Task StopAsync() => Task.WhenAll(_running.Values);

    private async Task SettleAsync(string id, CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            foreach (var (look, pause) in PausesMilliseconds.Index())
            {
                await Task.Delay(TimeSpan.FromMilliseconds(pause), time, ct);
                if (await FindAsync(id, look < LooksForReason, ct) is { } uid)
                {
                    exited(id, uid);
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The kubelet stops.
        }
        catch (RpcException)
        {
            // The runtime went: a relist follows when it is back.
        }
        finally
        {
            _running.TryRemove(id, out _);
        }
    }

    /// <summary>The UID of the pod once CRI knows of the end; empty when it no longer knows the id at all.</summary>
    private async Task<string?> FindAsync(string id, bool awaitsReason, CancellationToken ct)
    {
        try
        {
            var container = await runtime.ContainerStatusAsync(id, ct);
            var runs = container.State is ContainerState.ContainerRunning or ContainerState.ContainerCreated;
            return runs || (awaitsReason && container is { ExitCode: RestartRules.KilledExitCode, Reason: "Error" }) ? null : Uid(container.Labels);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            try
            {
                var sandbox = await runtime.PodSandboxStatusAsync(id, ct);
                return sandbox.State == PodSandboxState.SandboxReady ? null : Uid(sandbox.Labels);
            }
            catch (RpcException gone) when (gone.StatusCode == StatusCode.NotFound)
            {
                return "";
            }
        }
    }

    private static string Uid(Google.Protobuf.Collections.MapField<string, string> labels) => labels.TryGetValue(ContainerLabels.PodUid, out var uid) ? uid : "";
}
