using System.Diagnostics;
using System.Globalization;

namespace Kobune.ApiServer.Tests.Hostile;

/// <summary>
/// How many hostile inputs a target gets: a fixed number that is the same in every run; with KOBUNE_FUZZ_SECONDS=600 as many as fit into that time with a seed of the clock
/// (or KOBUNE_FUZZ_SEED), as bench/fuzz.sh does. What fails says its seed and its input.
/// </summary>
internal static class HostileInput
{
    private static readonly double Seconds = double.Parse(Environment.GetEnvironmentVariable("KOBUNE_FUZZ_SECONDS") ?? "0", CultureInfo.InvariantCulture);

    /// <summary>Gives inputs to <paramref name="check"/>, which throws when the answer is not what a hostile input should get.</summary>
    public static async Task EachAsync(int cases, IReadOnlyList<byte[]> samples, Func<Mutator, byte[], Task> check)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("KOBUNE_FUZZ_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Seconds > 0 ? Environment.TickCount : 1;
        var clock = Stopwatch.StartNew();
        for (var i = 0; Seconds > 0 ? clock.Elapsed.TotalSeconds < Seconds : i < cases; i++)
        {
            var mutator = new Mutator(seed + i, samples);
            var input = mutator.Next();
            var thread = Environment.CurrentManagedThreadId;
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                await check(mutator, input);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new InvalidOperationException($"KOBUNE_FUZZ_SEED={seed + i}, input {Convert.ToBase64String(input[..Math.Min(input.Length, 4_000)])}: {e.Message}", e);
            }

            var made = thread == Environment.CurrentManagedThreadId ? GC.GetAllocatedBytesForCurrentThread() - before : 0; // an answer on another thread is not counted
            Assert.True(made < 512L << 20, $"KOBUNE_FUZZ_SEED={seed + i}: {made >> 20} MiB for an input of {input.Length} bytes");
        }
    }
}
