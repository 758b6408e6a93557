using System.Globalization;
using System.IO.Compression;
using Kobune.Grpc;
using Kobune.Kubelet.Runtime;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet.Logs;

/// <summary>Rotates logs of running containers (kubelet/logs/container_log_manager.go): a few files, older ones compressed.</summary>
internal sealed partial class LogRotation(ICriRuntime runtime, KubeletOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <param name="running">Running containers with the paths of their logs; asked every time.</param>
    internal async Task RunAsync(Func<IEnumerable<RuntimeContainer>> running, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(ct))
        {
            foreach (var container in running().Where(c => c.LogPath.Length > 0).ToList())
            {
                await RotateIfLargeAsync(container, ct);
            }
        }
    }

    internal async Task RotateIfLargeAsync(RuntimeContainer container, CancellationToken ct)
    {
        try
        {
            if (new FileInfo(container.LogPath) is { Exists: true } file && file.Length > options.ContainerLogMaxSize)
            {
                await RotateAsync(container.Id, container.LogPath, ct);
            }
        }
        catch (Exception e) when (e is RpcException or IOException)
        {
            LogFailed(container.Id, e.Message);
        }
    }

    private async Task RotateAsync(string id, string path, CancellationToken ct)
    {
        // name.<time> is the newest and stays plain for who follows it; older ones are compressed; the oldest go.
        var rotated = Directory.GetFiles(Path.GetDirectoryName(path)!).Where(f => f.StartsWith(path + ".", StringComparison.Ordinal) && !f.EndsWith(".tmp", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        foreach (var old in rotated.Take(Math.Max(0, rotated.Count - (options.ContainerLogMaxFiles - 2))))
        {
            File.Delete(old);
        }

        foreach (var plain in rotated.Where(f => File.Exists(f) && !f.EndsWith(".gz", StringComparison.Ordinal)))
        {
            await CompressAsync(plain, ct);
        }

        var target = $"{path}.{time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}";
        File.Move(path, target);
        try
        {
            await runtime.ReopenContainerLogAsync(id, ct);
        }
        catch (RpcException)
        {
            File.Move(target, path); // the container still writes here
            throw;
        }
    }

    private static async Task CompressAsync(string path, CancellationToken ct)
    {
        var temporary = path + ".tmp";
        await using (var from = File.OpenRead(path))
        await using (var to = new GZipStream(File.Create(temporary), CompressionLevel.Fastest))
        {
            await from.CopyToAsync(to, ct);
        }

        File.Move(temporary, path + ".gz", overwrite: true);
        File.Delete(path);
    }

    [LoggerMessage(LogLevel.Warning, "Log of container {Id} was not rotated: {Message}")]
    private partial void LogFailed(string id, string message);
}
