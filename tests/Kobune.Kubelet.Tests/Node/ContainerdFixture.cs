using System.Diagnostics;
using Kobune.Grpc;
using Kobune.Kubelet.Machine;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Tests.Node;

/// <summary>A private containerd with its own root, state and socket on the real disk. All that it started, mounted and wrote is gone afterwards.</summary>
public sealed class ContainerdFixture : IAsyncLifetime
{
    private Process? _process;

    internal string Root { get; } = $"/var/tmp/kobune-kubelet-{Guid.NewGuid().ToString("N")[..12]}";

    internal string Socket => Root + "/run/c.sock";

    internal string CgroupParent => "/" + Path.GetFileName(Root);

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Root + "/run");
        await File.WriteAllTextAsync(Root + "/config.toml", $"""
            version = 2
            root = "{Root}/lib"
            state = "{Root}/run/state"
            disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.opt"]
            [grpc]
              address = "{Socket}"
            [ttrpc]
              address = "{Socket}.ttrpc"
            [plugins."io.containerd.grpc.v1.cri"]
              sandbox_image = "{TestImage.Pause}"
              stream_server_address = "127.0.0.1"
              stream_server_port = "0"
              restrict_oom_score_adj = true
              disable_apparmor = true
              disable_hugetlb_controller = true
              tolerate_missing_hugetlb_controller = true
              [plugins."io.containerd.grpc.v1.cri".cni]
                bin_dir = "{Root}/cni/bin"
                conf_dir = "{Root}/cni/conf"
              [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
                runtime_type = "io.containerd.runc.v2"
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
                  SystemdCgroup = false
            """);
        _process = Process.Start(new ProcessStartInfo("containerd", ["--config", Root + "/config.toml", "--log-level", "warn"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var log = new StreamWriter(Root + "/containerd.log") { AutoFlush = true };
        _process.ErrorDataReceived += (_, e) => log.WriteLine(e.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        using (var channel = GrpcChannel.ForUnixSocket(Socket))
        {
            await AgainAsync(() => new CriClient(channel).VersionAsync(CancellationToken.None));
        }

        TestImage.Write(Root + "/image.tar");
        await RunAsync("ctr", "-a", Socket, "-n", "k8s.io", "image", "import", Root + "/image.tar");
    }

    public async ValueTask DisposeAsync()
    {
        using (var channel = GrpcChannel.ForUnixSocket(Socket))
        {
            var runtime = new CriClient(channel);
            foreach (var sandbox in await runtime.ListPodSandboxAsync(null, CancellationToken.None))
            {
                await AgainAsync(async () =>
                {
                    await runtime.StopPodSandboxAsync(sandbox.Id, CancellationToken.None);
                    await runtime.RemovePodSandboxAsync(sandbox.Id, CancellationToken.None);
                });
            }
        }

        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Linux.UnmountBelow(Root);
        Directory.Delete(Root, recursive: true);
        foreach (var hierarchy in Directory.EnumerateDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup"))
        {
            RemoveCgroup(hierarchy + CgroupParent);
        }
    }

    internal static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await output}{error}");
    }

    private static void RemoveCgroup(string path)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        foreach (var child in Directory.EnumerateDirectories(path))
        {
            RemoveCgroup(child);
        }

        try
        {
            Directory.Delete(path);
        }
        catch (IOException)
        {
            // A process of it still ends; an empty cgroup costs nothing.
        }
    }

    /// <summary>What a node does too: asks again. A containerd that starts has no socket yet; one that is told to stop a sandbox whose process ends at that moment finds its shim gone ("ttrpc: closed").</summary>
    private async Task AgainAsync(Func<Task> ask)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                await ask();
                return;
            }
            catch (RpcException) when (i < 300 && !_process!.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }
        }
    }
}
