using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Kobune.Machine.Images;

/// <summary>The image of the sandbox container, made here because there may be no registry: FROM scratch, one static program.</summary>
public static class PauseImage
{
    /// <summary>The name under which containerd's CRI plugin looks for it.</summary>
    public const string Name = "registry.k8s.io/pause:3.10";

    /// <summary>Writes the image as a docker archive. Two calls give the same bytes, and so the same image ID.</summary>
    public static void WriteArchive(Stream output, Architecture architecture)
    {
        var layer = Tar([("pause", PauseProgram.Build(architecture), true)]);
        var config = Encoding.UTF8.GetBytes(
            $$$"""{"architecture":"{{{(architecture == Architecture.Arm64 ? "arm64" : "amd64")}}}","os":"linux","created":"1970-01-01T00:00:00Z","config":{"Entrypoint":["/pause"],"User":"65535:65535","WorkingDir":"/"},"rootfs":{"type":"layers","diff_ids":["sha256:{{{Hash(layer)}}}"]}}""");
        var manifest = Encoding.UTF8.GetBytes($$"""[{"Config":"{{Hash(config)}}.json","RepoTags":["{{Name}}"],"Layers":["layer.tar"]}]""");
        output.Write(Tar([(Hash(config) + ".json", config, false), ("layer.tar", layer, false), ("manifest.json", manifest, false)]));
    }

    private static byte[] Tar(IEnumerable<(string Name, byte[] Bytes, bool Executable)> files)
    {
        using var buffer = new MemoryStream();
        using (var writer = new TarWriter(buffer, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, bytes, executable) in files)
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = new MemoryStream(bytes),
                    ModificationTime = DateTimeOffset.UnixEpoch,
                    Mode = executable ? (UnixFileMode)0x1ED : (UnixFileMode)0x1A4, // 0755, 0644
                });
            }
        }

        return buffer.ToArray();
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
