using System.Runtime.InteropServices;
using Kobune.Client;
using Microsoft.Extensions.Logging;

namespace Kobune.Node.Memory;

/// <summary>
/// Gives back what the process does not use when it rests: garbage of the start that no collection was due for, what libraries have freed, and the pages of the program's file that ran
/// once. Code lies in the page cache still; what is used again comes back from there page by page. The tables beside it, which the process may write to, only the
/// kernel can sort into changed pages and others without a race: it frees the latter, and what is used again is read from the disk. So this is done after a start
/// alone: what came back by then is what a resting node uses. A process that works is left alone: a pause would be seen, and the memory is wanted again at once.
/// </summary>
internal sealed partial class UnusedMemory(TimeProvider time, ILogger logger) : IComponent
{
    private const int DontNeed = 4; // MADV_DONTNEED
    private const int PageOut = 21; // MADV_PAGEOUT, since Linux 5.4
    private const double RestingShare = 0.05;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5); // with ten pods that are probed 10 MiB come back in a minute, and few after that; giving back costs 50 ms of a processor
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
                GiveBack(alsoChanged: pause < Longest);
                pause = Longer(pause);
            }
        }
    }

    /// <summary>Whether a process that used so much of a processor in a while rests.</summary>
    internal static bool Rests(TimeSpan used, TimeSpan during) => used < during * RestingShare;

    /// <summary>After a start there is the most to give back.</summary>
    internal static TimeSpan Longer(TimeSpan pause) => pause * 2 < Longest ? pause * 2 : Longest;

    /// <summary>Collects all garbage, returns what was freed, and unmaps the clean pages of files; those of files that the process may change for itself too if wanted.</summary>
    internal void GiveBack(bool alsoChanged)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Trim();
        var mappings = MappedFile.Read(File.ReadLines("/proc/self/smaps")).Where(m => m.Resident > 0).ToLookup(m => m.Contents);
        Advise(mappings[MappedContents.Clean], DontNeed);
        if (alsoChanged)
        {
            Advise(mappings[MappedContents.Changed], PageOut);
        }
    }

    // The runtime's compiler, TLS and SQLite allocate in the C library, which keeps what they free.
    private static void Trim()
    {
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // not glibc
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);

    private void Advise(IEnumerable<MappedFile> mappings, int advice)
    {
        foreach (var mapping in mappings)
        {
            if (Advise(mapping.Start, (nuint)mapping.Length, advice) != 0)
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
