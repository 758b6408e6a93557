using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace Kobune.Kubelet.Tests.Node;

/// <summary>An image of the static busybox of this machine, as a docker archive.</summary>
internal static class TestImage
{
    internal const string Busybox = "registry.test/busybox:1";
    internal const string Pause = "registry.test/pause:1";

    internal static void Write(string path)
    {
        var busybox = System.IO.File.ReadAllBytes("/usr/bin/busybox");
        string[] links = ["sh", "sleep", "echo", "cat", "true", "false", "httpd", "ls", "id", "env", "kill", "touch", "nc", "dd", "wc", "hostname", "mkdir", "rm", "stat", "grep", "sync", "seq"];
        var layer = Tar(writer =>
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "bin/") { Mode = (UnixFileMode)0b111_101_101 });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "tmp/") { Mode = (UnixFileMode)0b001_111_111_111 });
            writer.WriteEntry(File("bin/busybox", busybox, executable: true));
            foreach (var link in links)
            {
                writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "bin/" + link) { LinkName = "busybox" });
            }
        });
        var config = Config(layer, "[\"/bin/sh\"]");
        var pause = Config(layer, "[\"/bin/sleep\",\"2000000000\"]");
        var manifest = $$"""
            [{"Config":"{{Hash(config)}}.json","RepoTags":["{{Busybox}}"],"Layers":["layer.tar"]},{"Config":"{{Hash(pause)}}.json","RepoTags":["{{Pause}}"],"Layers":["layer.tar"]}]
            """;
        System.IO.File.WriteAllBytes(path, Tar(writer =>
        {
            writer.WriteEntry(File(Hash(config) + ".json", config, executable: false));
            writer.WriteEntry(File(Hash(pause) + ".json", pause, executable: false));
            writer.WriteEntry(File("layer.tar", layer, executable: false));
            writer.WriteEntry(File("manifest.json", Encoding.UTF8.GetBytes(manifest), executable: false));
        }));
    }

    private static byte[] Config(byte[] layer, string command) => Encoding.UTF8.GetBytes(
        $$$"""{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"],"Cmd":{{{command}}},"WorkingDir":"/"},"rootfs":{"type":"layers","diff_ids":["sha256:{{{Hash(layer)}}}"]}}""");

    private static byte[] Tar(Action<TarWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new TarWriter(buffer, leaveOpen: true))
        {
            write(writer);
        }

        return buffer.ToArray();
    }

    private static PaxTarEntry File(string name, byte[] bytes, bool executable) => new(TarEntryType.RegularFile, name)
    {
        DataStream = new MemoryStream(bytes),
        Mode = executable ? (UnixFileMode)0b111_101_101 : (UnixFileMode)0b110_100_100,
    };

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
