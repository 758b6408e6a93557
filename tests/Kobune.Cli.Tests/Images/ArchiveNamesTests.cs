using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Kobune.Cli.Images;

namespace Kobune.Cli.Tests.Images;

public class ArchiveNamesTests
{
    private const string OciTag = """{"manifests":[{"digest":"sha256:a","annotations":{"org.opencontainers.image.ref.name":"1.0"}}]}""";
    private const string OciFull = """{"manifests":[{"digest":"sha256:a","annotations":{"io.containerd.image.name":"docker.io/library/web:1","org.opencontainers.image.ref.name":"1"}}]}""";
    private const string OciUnnamed = """{"manifests":[{"digest":"sha256:a"}]}""";
    private const string Docker = """[{"Config":"a.json","RepoTags":["web:1","web:2"],"Layers":[]}]""";
    private const string DockerUnnamed = """[{"Config":"a.json","RepoTags":null,"Layers":[]}]""";

    public static TheoryData<string, string, string, string[]> Naming => new()
    {
        { "a tag alone gets the file's name", OciTag, "/tmp/Web App.tar.gz", ["--base-name", "docker.io/library/webapp"] },
        { "a folder's name", OciTag, "/srv/images/shop/", ["--base-name", "docker.io/library/shop"] },
        { "a full name needs none", OciFull, "/tmp/other.tar", [] },
        { "no name at all", OciUnnamed, "/tmp/thing.oci", ["--index-name", "docker.io/library/thing:latest"] },
        { "a file of marks alone", OciTag, "/tmp/---", ["--base-name", "docker.io/library/image"] },
    };

    [Theory, MemberData(nameof(Naming))]
    public void What_has_no_full_name_is_called_as_its_file(string name, string index, string source, string[] expected) =>
        Assert.True(expected.SequenceEqual(ArchiveNames.OfIndex(Encoding.UTF8.GetBytes(index)).NamingFor(source)), name);

    [Theory]
    [InlineData(false, "manifest.json", Docker, "web:1 web:2")]
    [InlineData(true, "manifest.json", Docker, "web:1 web:2")]
    [InlineData(false, "./index.json", OciFull, "docker.io/library/web:1")]
    [InlineData(false, "manifest.json", DockerUnnamed, "")]
    [InlineData(false, "other.json", "{}", "")]
    public void Archives_are_read_gzipped_or_not(bool zipped, string file, string json, string expected)
    {
        using var plain = new MemoryStream();
        using (var writer = new TarWriter(plain, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, file) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(json)) });
        }

        using var archive = new MemoryStream();
        using (var target = new GZipStream(archive, CompressionMode.Compress, leaveOpen: true))
        {
            target.Write(plain.ToArray());
        }

        var read = zipped ? archive : plain;
        read.Position = 0;
        Assert.Equal(expected, string.Join(' ', ArchiveNames.OfArchive(read).Full));
    }
}
