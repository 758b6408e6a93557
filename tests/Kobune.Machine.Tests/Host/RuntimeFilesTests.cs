using System.Globalization;
using Kobune.Machine.Host;

namespace Kobune.Machine.Tests.Host;

public sealed class RuntimeFilesTests
{
    [Fact]
    public void Those_of_one_process_are_taken_away_and_no_others()
    {
        var folder = Directory.CreateTempSubdirectory("kobune-runtime-files-");
        string[] others = ["clr-debug-pipe-12-700-in", "clr-debug-pipe-12-77-out", "dotnet-diagnostic-123-70-socket", "own"];
        foreach (var name in others.Concat(["clr-debug-pipe-12-70-in", "clr-debug-pipe-12-70-out", "dotnet-diagnostic-12-70-socket"]))
        {
            File.WriteAllText(Path.Combine(folder.FullName, name), "");
        }

        RuntimeFiles.Remove(folder.FullName, new(12, 70, "a boot"));
        Assert.Equal(others.Order(StringComparer.Ordinal), folder.EnumerateFiles().Select(f => f.Name).Order(StringComparer.Ordinal));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void The_runtime_names_them_as_this_does()
    {
        var self = HostProcess.Of(Environment.ProcessId)!;
        var key = string.Create(CultureInfo.InvariantCulture, $"{self.Pid}-{self.StartTime}");
        Assert.Single(Directory.EnumerateFileSystemEntries(Path.GetTempPath(), $"dotnet-diagnostic-{key}-socket"));
    }
}
