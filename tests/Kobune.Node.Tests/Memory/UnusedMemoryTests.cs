using System.IO.MemoryMappedFiles;
using Kobune.Node.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Node.Tests.Memory;

public sealed class UnusedMemoryTests
{
    [Theory]
    [InlineData("r-xp 00001000 fe:01 1234 /usr/lib/kobune/kobune", 0, 0, "Clean")]
    [InlineData("r--s 00000000 fe:01 1234 /var/lib/kobune/state.db", 0, 0, "Clean")]
    [InlineData("rw-p 00001000 fe:01 1234 /usr/lib/kobune/kobune", 0, 0, "Changed")] // may be written to
    [InlineData("rw-p 00001000 fe:01 1234 /usr/lib/kobune/kobune", 4, 0, "Changed")]
    [InlineData("rw-p 00001000 fe:01 1234 /usr/lib/kobune/kobune", 4, 4, "Other")] // held in memory on purpose
    [InlineData("rw-s 00000000 fe:01 1234 /var/lib/kobune/state.db-shm", 0, 0, "Other")] // of others too
    [InlineData("r--p 00001000 fe:01 1234 /usr/lib/libc.so.6", 4, 0, "Changed")] // has pages that were written to before: relocations
    [InlineData("r--p 00001000 fe:01 1234 /usr/lib/libc.so.6", 0, 4, "Other")]
    [InlineData("r--p 00000000 00:00 0", 0, 0, "Other")] // of no file
    [InlineData("r-xp 00000000 00:00 0 [vdso]", 0, 0, "Other")]
    public void What_can_be_read_from_its_file_again_is_told_from_what_may_have_changed(string header, int anonymous, int locked, string contents)
    {
        string[] smaps =
        [
            "7f0c1c000000-7f0c1c021000 " + header, "Size:                132 kB", "Rss:                 100 kB", $"Anonymous:             {anonymous} kB", $"Locked:                {locked} kB", "VmFlags: rd ex",
            "7f0c1d000000-7f0c1d001000 rw-p 00000000 00:00 0 [heap]", "Rss:                   4 kB",
        ];
        Assert.Equal(
            [new MappedFile(unchecked((nint)0x7f0c1c000000), 0x21000, 100, Enum.Parse<MappedContents>(contents)), new(unchecked((nint)0x7f0c1d000000), 0x1000, 4, MappedContents.Other)],
            MappedFile.Read(smaps));
    }

    [Theory]
    [InlineData(15, 30)]
    [InlineData(59, 118)]
    [InlineData(60, 120)]
    [InlineData(149, 298)]
    [InlineData(240, 300)]
    [InlineData(300, 300)]
    public void A_resting_process_is_looked_at_less_and_less(int seconds, int next) =>
        Assert.Equal(TimeSpan.FromSeconds(next), UnusedMemory.Longer(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0.7, 15, true)]
    [InlineData(0.8, 15, false)]
    public void A_process_that_works_is_left_alone(double used, int during, bool rests) =>
        Assert.Equal(rests, UnusedMemory.Rests(TimeSpan.FromSeconds(used), TimeSpan.FromSeconds(during)));

    [Theory]
    [InlineData(MemoryMappedFileAccess.Read, false, 0)]
    [InlineData(MemoryMappedFileAccess.CopyOnWrite, true, 4)] // what was changed has nowhere to go
    public unsafe void Pages_of_files_are_given_back_and_can_be_read_again(MemoryMappedFileAccess access, bool writes, int kept)
    {
        const int Length = 4 * 1024 * 1024;
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [.. Enumerable.Range(0, Length).Select(i => (byte)(i >> 12))]);
            using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, access);
            using var view = file.CreateViewAccessor(0, Length, access);
            var start = view.SafeMemoryMappedViewHandle.DangerousGetHandle();
            var bytes = new ReadOnlySpan<byte>((void*)start, Length);
            if (writes)
            {
                view.Write(0, (byte)7);
            }

            var sum = Sum(bytes);
            Assert.Equal(Length / 1024, Resident(start));

            new UnusedMemory(TimeProvider.System, NullLogger.Instance).GiveBack(alsoChanged: writes);

            Assert.Equal(kept, Resident(start));
            Assert.Equal(sum, Sum(bytes));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static long Resident(nint start) => MappedFile.Read(File.ReadLines("/proc/self/smaps")).Single(m => m.Start == start).Resident;

    private static long Sum(ReadOnlySpan<byte> bytes)
    {
        long sum = 0;
        foreach (var b in bytes)
        {
            sum += b;
        }

        return sum;
    }
}
