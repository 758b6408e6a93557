using Kobune.Machine.Host;

namespace Kobune.Machine.Tests.Host;

public class DetachedProcessTests
{
    [Fact]
    public async Task Words_of_the_program_before_are_gone_when_it_has_started()
    {
        var folder = Directory.CreateTempSubdirectory();
        await Parallel.ForEachAsync(Enumerable.Range(0, 100), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, async (i, ct) =>
        {
            var log = Path.Combine(folder.FullName, i + ".log");
            await File.WriteAllTextAsync(log, "of the one before", ct);
            var process = await DetachedProcess.StartAsync("/bin/sh", ["-c", "echo of this one; exec sleep 600"], log, ct);
            var words = await File.ReadAllTextAsync(log, ct);
            await process.KillAsync(TimeSpan.FromSeconds(30), TimeProvider.System, ct);
            Assert.DoesNotContain("before", words, StringComparison.Ordinal);
        });
        folder.Delete(recursive: true);
    }
}
