using Kobune.Kubelet.Cri;
using Kobune.Kubelet.Runtime;
using Kobune.Kubelet.Tests.Pods;

namespace Kobune.Kubelet.Tests.Runtime;

/// <summary>When the end of a container counts as seen.</summary>
public sealed class ExitWatcherTests
{
    [Theory]
    [InlineData(1, "Error", 3, "Error", 3)] // CRI says at first that it runs
    [InlineData(137, "OOMKilled", 2, "OOMKilled", 2)]
    [InlineData(137, "Error", 1, "OOMKilled", 4)] // the reason comes behind the exit
    [InlineData(137, "Error", 1, "Error", 7)] // killed by somebody else
    [InlineData(137, "Error", 9, "Error", 9)]
    public async Task A_container_is_told_with_its_reason(int code, string reason, int exitedAtLook, string told, int expectedLooks)
    {
        var time = new ManualTime();
        var runtime = new FakeRuntime(time);
        var config = new ContainerConfig { Metadata = new() { Name = "main" } };
        config.Labels.Add(ContainerLabels.PodUid, "uid");
        var id = await runtime.CreateContainerAsync("s1", config, new(), CancellationToken.None);
        var looks = 0;
        runtime.OnStatus = status =>
        {
            looks++;
            (status.State, status.ExitCode, status.Reason) = looks < exitedAtLook ? (ContainerState.ContainerRunning, 0, "") : (ContainerState.ContainerExited, code, looks < expectedLooks ? reason : told);
        };
        var seen = new TaskCompletionSource<string>();
        var watcher = new ExitWatcher(runtime, time, (container, uid) => seen.TrySetResult($"{container} {uid} after {looks}"));
        watcher.OnExit(id, CancellationToken.None);
        await Eventually.Holds(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(3));
                return seen.Task.IsCompleted;
            },
            "the end");
        Assert.Equal($"{id} uid after {expectedLooks}", await seen.Task);
    }
}
