using System.Diagnostics;
using System.Formats.Tar;
using System.Runtime.InteropServices;
using Kobune.Machine.Images;

namespace Kobune.Machine.Tests.Images;

public class PauseImageTests
{
    [Theory]
    [InlineData(Architecture.X64, 62, 221)]
    [InlineData(Architecture.Arm64, 183, 240)]
    public void The_program_is_a_static_file_for_its_architecture(Architecture architecture, int machine, int size)
    {
        var file = PauseProgram.Build(architecture);
        Assert.Equal([0x7F, (byte)'E', (byte)'L', (byte)'F'], file[..4]);
        Assert.Equal(machine, file[18]);
        Assert.Equal(size, file.Length);
        Assert.Equal((1UL << 1) | (1UL << 14) | (1UL << 16), BitConverter.ToUInt64(file.AsSpan(file.Length - 8)));
    }

    [Fact]
    public async Task The_program_waits_and_ends_when_it_is_asked_to()
    {
        var folder = Directory.CreateTempSubdirectory("kobune-pause-");
        var path = Path.Combine(folder.FullName, "pause");
        await File.WriteAllBytesAsync(path, PauseProgram.Build(RuntimeInformation.OSArchitecture), TestContext.Current.CancellationToken);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var process = Process.Start(path);
        // Until it waits in rt_sigtimedwait, whose number differs between the architectures, TERM would end it by default.
        var waiting = RuntimeInformation.OSArchitecture == Architecture.X64 ? "128 " : "137 ";
        while (!(await File.ReadAllTextAsync($"/proc/{process.Id}/syscall", TestContext.Current.CancellationToken)).StartsWith(waiting, StringComparison.Ordinal))
        {
            Assert.False(process.HasExited, "the pause program ended");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        folder.Delete(recursive: true);
    }

    [Fact]
    public void The_archive_is_the_same_every_time_and_names_the_image()
    {
        using var first = new MemoryStream();
        using var second = new MemoryStream();
        PauseImage.WriteArchive(first, Architecture.Arm64);
        PauseImage.WriteArchive(second, Architecture.Arm64);
        Assert.Equal(first.ToArray(), second.ToArray());
        first.Position = 0;
        using var reader = new TarReader(first);
        var texts = new List<string>();
        while (reader.GetNextEntry() is { } entry)
        {
            texts.Add(entry.Name + " " + new StreamReader(entry.DataStream!).ReadToEnd());
        }

        Assert.Contains(texts, t => t.StartsWith("manifest.json", StringComparison.Ordinal) && t.Contains("registry.k8s.io/pause:3.10", StringComparison.Ordinal));
    }
}
