using System.Text;
using Kobune.Kubelet.Logs;
using Kobune.Kubelet.Tests.Pods;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Kubelet.Tests.Logs;

public sealed class LogReaderTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("kobune-logs").FullName;

    private string Log => _folder + "/0.log";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Append(string text) => File.AppendAllText(Log, $"2026-01-02T03:04:05.000000001Z stdout F {text}\n");

    [Fact]
    public async Task Follower_sees_lines_across_a_rotation_and_ends_with_the_container()
    {
        Append("one");
        var running = true;
        Action changed = () => { };
        var got = new StringBuilder();
        var arrived = new SemaphoreSlim(0);
        var reading = new LogReader(Log, new() { Follow = true }).RunAsync(
            bytes =>
            {
                got.Append(Encoding.UTF8.GetString(bytes.Span));
                arrived.Release();
                return Task.CompletedTask;
            },
            () => Task.FromResult(Volatile.Read(ref running)),
            action =>
            {
                changed = action;
                return new MemoryStream();
            },
            CancellationToken.None);
        Assert.True(await arrived.WaitAsync(Patience));
        Append("two");
        Assert.True(await arrived.WaitAsync(Patience));
        File.Move(Log, Log + ".old");
        Append("three");
        Assert.True(await arrived.WaitAsync(Patience));
        Volatile.Write(ref running, false);
        changed();
        await reading.WaitAsync(Patience);
        Assert.Equal("one\ntwo\nthree\n", got.ToString());
    }

    [Fact]
    public void A_log_that_is_moved_away_is_kept_until_the_new_one_stands()
    {
        Append("one");
        var reader = new LogReader(Log, new() { Follow = true });
        using var file = File.OpenRead(Log);
        Assert.Null(reader.OpenIfReplaced(file));
        File.Move(Log, Log + ".old");
        Assert.Null(reader.OpenIfReplaced(file));
        Append("two");
        using var next = reader.OpenIfReplaced(file);
        Assert.NotNull(next);
        Assert.Null(reader.OpenIfReplaced(next));
    }

    [Fact]
    public async Task Large_log_is_rotated_and_few_are_kept()
    {
        var time = new ManualTime();
        var options = new KubeletOptions { NodeName = "n", NodeIP = "127.0.0.1", ContainerLogMaxSize = 10, ContainerLogMaxFiles = 3 };
        var rotation = new LogRotation(new FakeRuntime(time), options, time, NullLogger.Instance);
        for (var i = 0; i < 5; i++)
        {
            Append("text " + i);
            await rotation.RotateIfLargeAsync(new("c", "a", "s", Cri.ContainerState.ContainerRunning) { LogPath = Log }, CancellationToken.None);
            Assert.False(File.Exists(Log));
            time.Advance(TimeSpan.FromMinutes(1));
        }

        var kept = Directory.GetFiles(_folder).Select(f => Path.GetFileName(f)).Order().ToList();
        Assert.Equal(2, kept.Count);
        Assert.EndsWith(".gz", kept[0], StringComparison.Ordinal);
        Assert.False(kept[1].EndsWith(".gz", StringComparison.Ordinal));
    }
}
