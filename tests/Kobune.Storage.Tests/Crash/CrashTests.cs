using System.Diagnostics;
using Kobune.Storage.Sqlite;

namespace Kobune.Storage.Tests.Crash;

public sealed class CrashTests : IDisposable
{
    private const int Rounds = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly TemporaryDirectory _directory = new();

    private string Path => _directory.File("store.db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Killed_in_the_middle_of_load_the_store_loses_nothing_acknowledged_and_repeats_no_revision()
    {
        var random = new Random(7);
        var seen = new HashSet<long>();
        long highest = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var acknowledged = await WriteAndKillAsync(random.Next(300, 2500));
            Assert.All(acknowledged, write =>
            {
                Assert.True(seen.Add(write.Revision), $"revision {write.Revision} was given twice");
                Assert.True(write.Revision > highest, $"revision {write.Revision} came in round {round}, after {highest} in the round before");
            });
            highest = acknowledged.Max(write => write.Revision);
            highest = await VerifyAsync(acknowledged, highest);
        }
    }

    /// <summary>Everything acknowledged can be read at its revision; the store rests at or above every revision given; a write goes on above.</summary>
    private async Task<long> VerifyAsync(List<Write> acknowledged, long highest)
    {
        await using var store = SqliteStore.Open(new SqliteStoreOptions(Path));
        var revision = await store.RevisionAsync();
        Assert.True(revision >= highest, $"the store is at {revision} after {highest} was given");
        var compacted = (await store.StatisticsAsync()).CompactedRevision;
        var readable = acknowledged.Where(write => write.Revision >= compacted).ToList();
        Assert.NotEmpty(readable);
        foreach (var write in readable)
        {
            Assert.Equal(write.Length, (await store.ReadAsync(write.Key, write.Revision))?.Length);
        }

        foreach (var last in acknowledged.GroupBy(write => write.Key).Select(writes => writes.MaxBy(write => write.Revision)))
        {
            var item = (await store.GetAsync(last.Key, 0, TestContext.Current.CancellationToken)).Item;
            Assert.True(item?.ModRevision >= last.Revision, $"{last.Key} is at {item?.ModRevision}, {last.Revision} was acknowledged");
        }

        var next = await store.PutAsync("/check", "1");
        Assert.True(next > revision);
        return next;
    }

    private async Task<List<Write>> WriteAndKillAsync(int writes)
    {
        using var writer = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [CrashWriter.Argument, Path]) { RedirectStandardOutput = true })!;
        var acknowledged = new List<Write>();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            while (await writer.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                // The line that the kill cuts has no full stop.
                if (line.Split(' ') is [var revision, var key, var length, "."])
                {
                    acknowledged.Add(new Write(long.Parse(revision), key, int.Parse(length)));
                }

                if (acknowledged.Count == writes)
                {
                    writer.Kill(); // SIGKILL; what it still had told is read on
                }
            }
        }
        finally
        {
            writer.Kill();
            await writer.WaitForExitAsync(CancellationToken.None);
        }

        Assert.True(acknowledged.Count >= writes, $"the writer ended by itself after {acknowledged.Count} of {writes} writes");
        return acknowledged;
    }

    private readonly record struct Write(long Revision, string Key, int Length);
}
