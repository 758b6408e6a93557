using System.Buffers;
using System.Text.Json;

namespace Kobune.Kubelet.Registry;

/// <summary>Something that an image consists of.</summary>
/// <param name="Digest">"sha256:...".</param>
/// <param name="MediaType">As its parent calls it.</param>
internal sealed record Part(string Digest, string MediaType);

/// <summary>containerd's content on disk: a file a blob, named by its digest (blobs/sha256/HEX), never changed once it is there.</summary>
/// <param name="folder">/var/lib/containerd/io.containerd.content.v1.content.</param>
internal sealed class ContentStore(string folder)
{
    private const long LargestManifest = 4 * 1024 * 1024;

    /// <summary>The file of a blob; null when the digest is none, or is not here.</summary>
    public string? FileOf(string digest)
    {
        var colon = digest.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || !digest.AsSpan(0, colon).ContainsOnlyLowerAndDigits() || !digest.AsSpan(colon + 1).ContainsOnlyLowerAndDigits() || digest.Length - colon < 33)
        {
            return null;
        }

        var path = Path.Combine(folder, "blobs", digest[..colon], digest[(colon + 1)..]);
        return File.Exists(path) ? path : null;
    }

    /// <summary>The parts that a manifest or an index names directly; none when it is neither, or is not here.</summary>
    public IReadOnlyList<Part> PartsOf(string digest)
    {
        if (FileOf(digest) is not { } file || new FileInfo(file).Length > LargestManifest)
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return document.RootElement.ValueKind == JsonValueKind.Object ? [.. Parts(document.RootElement)] : [];
        }
        catch (JsonException)
        {
            return []; // a layer, or not what its parent says
        }
    }

    /// <summary>Everything that an image consists of, itself included, as far as it is here.</summary>
    public IReadOnlyDictionary<string, Part> Closure(Part root)
    {
        var seen = new Dictionary<string, Part>(StringComparer.Ordinal);
        var open = new Queue<Part>([root]);
        while (open.TryDequeue(out var part))
        {
            if (seen.TryAdd(part.Digest, part) && IsManifest(part.MediaType))
            {
                foreach (var child in PartsOf(part.Digest))
                {
                    open.Enqueue(child);
                }
            }
        }

        return seen;
    }

    /// <summary>The digest of the configuration, which CRI calls the image's ID: of the image itself, or of the one of an index that is here.</summary>
    public string? ConfigurationOf(Part root) =>
        Closure(root).Values.FirstOrDefault(p => p.MediaType is "application/vnd.oci.image.config.v1+json" or "application/vnd.docker.container.image.v1+json" && FileOf(p.Digest) is not null)?.Digest;

    /// <summary>Whether a media type is that of a manifest or an index.</summary>
    public static bool IsManifest(string mediaType) => mediaType is
        "application/vnd.oci.image.manifest.v1+json" or "application/vnd.oci.image.index.v1+json"
        or "application/vnd.docker.distribution.manifest.v2+json" or "application/vnd.docker.distribution.manifest.list.v2+json";

    private static IEnumerable<Part> Parts(JsonElement manifest)
    {
        foreach (var list in new[] { "manifests", "layers" })
        {
            if (manifest.TryGetProperty(list, out var items) && items.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in items.EnumerateArray())
                {
                    yield return PartOf(item);
                }
            }
        }

        if (manifest.TryGetProperty("config", out var config) && config.ValueKind == JsonValueKind.Object)
        {
            yield return PartOf(config);
        }
    }

    private static Part PartOf(JsonElement descriptor) => new(Text(descriptor, "digest"), Text(descriptor, "mediaType"));

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}

/// <summary>What digests are written with.</summary>
internal static class DigestText
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

    /// <summary>Whether every character is a-z or 0-9: such a text leads out of no folder.</summary>
    public static bool ContainsOnlyLowerAndDigits(this ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Allowed);
}
