using System.Text;
using Kobune.Kubelet.Volumes;

namespace Kobune.Kubelet.Tests.Volumes;

public sealed class AtomicWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kobune-atomic").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private bool Write(params (string Path, string Text)[] files) =>
        AtomicWriter.Write(_folder, files.ToDictionary(f => f.Path, f => new VolumeFile(Encoding.UTF8.GetBytes(f.Text), 0b110_100_100)), null, new ManualTime());

    private string[] Visible() => [.. Directory.EnumerateFileSystemEntries(_folder).Select(e => Path.GetFileName(e)).Where(n => !n.StartsWith("..", StringComparison.Ordinal)).Order()];

    [Fact]
    public void Files_show_through_links_into_data()
    {
        Assert.True(Write(("a", "1"), ("d/b", "2")));
        Assert.Equal("1", File.ReadAllText(_folder + "/a"));
        Assert.Equal("2", File.ReadAllText(_folder + "/d/b"));
        Assert.Equal("..data/a", new FileInfo(_folder + "/a").LinkTarget);
        Assert.Equal(["a", "d"], Visible());
    }

    [Fact]
    public void Same_content_writes_nothing()
    {
        Write(("a", "1"));
        var data = new FileInfo(_folder + "/..data").LinkTarget;
        Assert.False(Write(("a", "1")));
        Assert.Equal(data, new FileInfo(_folder + "/..data").LinkTarget);
    }

    [Fact]
    public void Change_replaces_the_whole_set_and_leaves_one_folder()
    {
        Write(("a", "1"), ("b", "1"));
        Assert.True(Write(("a", "2"), ("c", "3")));
        Assert.Equal("2", File.ReadAllText(_folder + "/a"));
        Assert.Equal(["a", "c"], Visible());
        Assert.Single(Directory.EnumerateDirectories(_folder, "..2*"));
    }

    [Theory]
    [InlineData("/etc/x")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("..data")]
    [InlineData("")]
    public void Path_that_leaves_the_volume_is_refused(string path) => Assert.Throws<VolumeException>(() => Write((path, "1")));

    [Fact]
    public void Sub_path_stays_inside_the_volume()
    {
        Directory.CreateDirectory(_folder + "/in");
        File.CreateSymbolicLink(_folder + "/out", "/etc");
        File.CreateSymbolicLink(_folder + "/ok", "in");
        Assert.Equal(_folder + "/in", SubPath.Resolve(_folder, "ok", false));
        Assert.Equal(_folder + "/in/new", SubPath.Resolve(_folder, "in/new", false));
        Assert.True(Directory.Exists(_folder + "/in/new"));
        Assert.Throws<VolumeException>(() => SubPath.Resolve(_folder, "out/passwd", false));
        Assert.Throws<VolumeException>(() => SubPath.Resolve(_folder, "../x", false));
    }
}
