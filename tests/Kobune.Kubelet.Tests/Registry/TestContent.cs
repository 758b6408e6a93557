using System.Security.Cryptography;
using System.Text;
using Kobune.Kubelet.Registry;

namespace Kobune.Kubelet.Tests.Registry;

/// <summary>A content store in a temporary folder, and the names that stand for its images.</summary>
internal sealed class TestContent : ILocalImages, IDisposable
{
    public const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    public const string Index = "application/vnd.oci.image.index.v1+json";
    private const string Config = "application/vnd.oci.image.config.v1+json";
    private const string Layer = "application/vnd.oci.image.layer.v1.tar";
    private readonly string _folder = Directory.CreateTempSubdirectory("kobune-content-").FullName;

    public List<LocalImage> Images { get; } = [];

    public ContentStore Store => new(_folder);

    public RegistryView View => new(this, Store);

    public Task<IReadOnlyList<LocalImage>> ListAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<LocalImage>>(Images);

    /// <summary>Adds a blob and returns its digest.</summary>
    public string Add(string content)
    {
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));
        var file = Path.Combine(_folder, "blobs", "sha256", digest[7..]);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return digest;
    }

    /// <summary>Adds an image of one layer.</summary>
    public (string Manifest, string Config, string Layer) AddImage(string content)
    {
        var layer = Add(content);
        var config = Add($$"""{"of":"{{content}}"}""");
        return (Add($$"""{"schemaVersion":2,"mediaType":"{{Manifest}}","config":{"mediaType":"{{Config}}","digest":"{{config}}","size":1},"layers":[{"mediaType":"{{Layer}}","digest":"{{layer}}","size":1}]}"""), config, layer);
    }

    /// <summary>Adds an index of manifests.</summary>
    public string AddIndex(params string[] manifests) =>
        Add($$"""{"schemaVersion":2,"manifests":[{{string.Join(',', manifests.Select(m => $$"""{"mediaType":"{{Manifest}}","digest":"{{m}}","size":1}"""))}}]}""");

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
