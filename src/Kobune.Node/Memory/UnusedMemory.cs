using System.Runtime.InteropServices;
using Kobune.Client;
using Microsoft.Extensions.Logging;

namespace Kobune.Node.Memory;

/// <summary>
/// Gives back what the process does not use when it rests: garbage of the start that no collection was due for, and the pages of the program's file that ran
/// once. The latter lie in the page cache still; what is used again comes back from there page by page. A process that works is left alone: a pause
/// would be seen, and the memory is wanted again at once.
/// </summary>
internal sealed partial class UnusedMemory(TimeProvider time, ILogger logger) : IComponent
{
    private const int DontNeed = 4; // MADV_DONTNEED
    private const double RestingShare = 0.05;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2); // with ten pods that are probed 10 MiB come back in a minute; giving back costs 50 ms of a processor
    private readonly ILogger _logger = logger;

    /// <inheritdoc/>
    public string Name => "unused-memory";

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        var pause = First;
        while (true)
        {
            var before = Environment.CpuUsage.TotalTime;
            await Task.Delay(pause, time, ct);
            if (Rests(Environment.CpuUsage.TotalTime - before, pause))
            {
                GiveBack();
                pause = Longer(pause);
            }
        }
    }

    /// <summary>Whether a process that used so much of a processor in a while rests.</summary>
    internal static bool Rests(TimeSpan used, TimeSpan during) => used < during * RestingShare;

    /// <summary>After a start there is the most to give back.</summary>
    internal static TimeSpan Longer(TimeSpan pause) => pause * 2 < Longest ? pause * 2 : Longest;

    /// <summary>Collects all garbage, and unmaps the clean pages of files.</summary>
    internal void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        foreach (var mapping in MappedFile.Read(File.ReadLines("/proc/self/smaps")).Where(m => m is { IsClean: true, Resident: > 0 }).ToList())
        {
            if (Advise(mapping.Start, (nuint)mapping.Length, DontNeed) != 0)
            {
                LogKept(Marshal.GetLastPInvokeErrorMessage());
                return;
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(nint address, nuint length, int advice);

    [LoggerMessage(LogLevel.Information, "The pages of files stay in memory: {Reason}")]
    private partial void LogKept(string reason);
}
