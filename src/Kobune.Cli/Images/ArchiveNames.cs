using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;

namespace Kobune.Cli.Images;

/// <summary>What images in an archive or an OCI folder are called.</summary>
/// <param name="Full">Names with their repository.</param>
/// <param name="Tags">References of an OCI index that are a tag alone ("1.0").</param>
/// <param name="HasUnnamed">Whether an OCI index has images without any.</param>
internal sealed record ArchiveNames(IReadOnlyList<string> Full, IReadOnlyList<string> Tags, bool HasUnnamed)
{
    private static readonly string[] Annotations = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];
    private static readonly char[] NameMarks = ['/', ':', '@'];

    /// <summary>How ctr is told to name what has no repository: as the archive's own file or folder is called.</summary>
    public IReadOnlyList<string> NamingFor(string source)
    {
        var name = ImageReference.Complete(FileName(source));
        var repository = ImageReference.Split(name).Repository;
        return Full.Count > 0 ? [] : Tags.Count > 0 ? ["--base-name", repository] : HasUnnamed ? ["--index-name", repository + ":latest"] : [];
    }

    /// <summary>Reads an archive, gzipped or not.</summary>
    public static ArchiveNames OfArchive(Stream archive)
    {
        using var plain = Unzip(archive);
        using var reader = new TarReader(plain);
        ArchiveNames? docker = null;
        ArchiveNames? index = null;
        while (reader.GetNextEntry() is { } entry)
        {
            var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            if (entry.DataStream is { } data && name is "manifest.json" or "index.json")
            {
                using var bytes = new MemoryStream();
                entry.DataStream!.CopyTo(bytes);
                (docker, index) = name == "manifest.json" ? (OfDocker(bytes.ToArray()), index) : (docker, OfIndex(bytes.ToArray()));
            }
        }

        return docker is { Full.Count: > 0 } ? docker : index ?? docker ?? new([], [], false);
    }

    /// <summary>Reads index.json.</summary>
    public static ArchiveNames OfIndex(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var names = document.RootElement.TryGetProperty("manifests", out var manifests) ? manifests.EnumerateArray().Select(NameOf).ToList() : [];
        return new([.. names.Where(n => n.IndexOfAny(NameMarks) >= 0)], [.. names.Where(n => n.Length > 0 && n.IndexOfAny(NameMarks) < 0)], names.Contains(""));
    }

    private static ArchiveNames OfDocker(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return new([.. document.RootElement.EnumerateArray().SelectMany(i => i.TryGetProperty("RepoTags", out var tags) && tags.ValueKind == JsonValueKind.Array ? tags.EnumerateArray().Select(t => t.GetString() ?? "").ToList() : [])], [], false);
    }

    private static string NameOf(JsonElement manifest)
    {
        foreach (var key in Annotations)
        {
            if (manifest.TryGetProperty("annotations", out var annotations) && annotations.TryGetProperty(key, out var name) && name.GetString() is { Length: > 0 } text)
            {
                return text;
            }
        }

        return "";
    }

    private static Stream Unzip(Stream stream)
    {
        var first = stream.ReadByte();
        stream.Position = 0;
        return first == 0x1F ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }

    private static string FileName(string source)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source))).ToLowerInvariant();
        foreach (var ending in new[] { ".gz", ".tgz", ".tar", ".oci" })
        {
            name = name.EndsWith(ending, StringComparison.Ordinal) ? name[..^ending.Length] : name;
        }

        var allowed = new string([.. name.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')]).Trim('-', '_', '.');
        return allowed.Length > 0 ? allowed : "image";
    }
}
