using System.Globalization;

namespace Kobune.Testing.Tests.Chaos;

/// <summary>
/// Random changes while controllers stop and start, nodes come and go, watches end and requests fail; afterwards all is as it was declared. KOBUNE_CHAOS_STEPS and
/// KOBUNE_CHAOS_SEED make it longer and another one; a failure prints the seed.
/// </summary>
public sealed class ChaosTests
{
    private static readonly int Steps = Setting("KOBUNE_CHAOS_STEPS", 300);
    private static readonly int Seed = Setting("KOBUNE_CHAOS_SEED", 7);

    private const int Round = 300; // steps until all faults end and everything is looked at

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_declared_becomes_true_whatever_fails_on_the_way()
    {
        await using var cluster = await TestCluster.StartAsync(new() { FakeTime = true, Nodes = ChaosRun.Nodes, Seed = Seed }, Ct);
        var run = new ChaosRun(cluster, Seed, Ct);
        await run.BeginAsync();
        for (var left = Steps; left > 0; left -= Round)
        {
            await run.RunAsync(Math.Min(left, Round));
            var problems = await EndState.ProblemsAsync(cluster, run, Ct);
            if (problems.Count > 0 && Environment.GetEnvironmentVariable("KOBUNE_CHAOS_TIMELINE") is { Length: > 0 } file)
            {
                var requests = cluster.History.Requests.Where(r => r.Verb is not ("get" or "list" or "watch"));
                await File.WriteAllTextAsync(file, cluster.Timeline() + "\n\n" + string.Join('\n', requests), Ct);
            }

            Assert.True(problems.Count == 0, $"With KOBUNE_CHAOS_SEED={Seed}, KOBUNE_CHAOS_STEPS={Steps} and {left - Round} steps to go:\n{string.Join('\n', problems)}");
            Assert.Empty(run.Doubles);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"Pods made: {string.Join(", ", run.Made)}; declared at the end: {string.Join(", ", run.Declared.CountBy(w => w.Kind))}");
        Assert.Equal(["DaemonSet", "Job", "ReplicaSet", "StatefulSet"], run.Made.Keys);
        Assert.Empty(cluster.DeniedRequests);
        Assert.Empty(cluster.Strays);
    }

    private static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
