using System.Text.RegularExpressions;
using Kobune.Cel.Types;
using Kobune.Cel.Values;
using static Kobune.Cel.Libraries.LibraryValues;

namespace Kobune.Cel.Libraries;

/// <summary>Kubernetes' references of images.</summary>
internal static class ImageLibrary
{
    private const string DefaultRegistry = "index.docker.io";
    private static readonly CelType I = CelType.Struct("kubernetes.Image");
    private static readonly Regex Repository = CelPattern.Compile("^[a-z0-9_./-]{2,255}$")!;
    private static readonly Regex Registry = CelPattern.Compile("^[a-zA-Z0-9.-]+(:[0-9]+)?$")!;
    private static readonly Regex Tag = CelPattern.Compile("^[A-Za-z0-9_.-]{1,128}$")!;
    private static readonly Regex Digest = CelPattern.Compile("^sha256:[0-9a-f]{64}$")!;

    public static readonly CelLibrary Library = new LibraryBuilder("image")
        .Type(I.Name, I)
        .Global("image", "string_to_image", [CelType.String], I, a => Parse(a[0].Text()) ?? (CelValue)Error($"could not parse reference: {a[0].Text()}"))
        .Global("isImage", "is_image_string", [CelType.String], CelType.Bool, a => Bool(Parse(a[0].Text()) is not null))
        .Member("containsDigest", "image_contains_digest", [I], CelType.Bool, a => Bool(((ImageValue)a[0]).Digest.Length > 0))
        .Member("registry", "image_registry", [I], CelType.String, a => Text(((ImageValue)a[0]).Registry))
        .Member("repository", "image_repository", [I], CelType.String, a => Text(((ImageValue)a[0]).Repository))
        .Member("identifier", "image_identifier", [I], CelType.String, a => Text(((ImageValue)a[0]).Digest is { Length: > 0 } digest ? digest : ((ImageValue)a[0]).Tag))
        .Member("tag", "image_tag", [I], CelType.String, a => Text(((ImageValue)a[0]).Tag))
        .Member("digest", "image_digest", [I], CelType.String, a => Text(((ImageValue)a[0]).Digest))
        .Build();

    private static ImageValue? Parse(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var digest = at < 0 ? "" : text[(at + 1)..];
        var name = at < 0 ? text : text[..at];
        var colon = name.LastIndexOf(':');
        var hasTag = colon > name.LastIndexOf('/');
        var tag = hasTag ? name[(colon + 1)..] : at < 0 ? "latest" : "";
        name = hasTag ? name[..colon] : name;
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var hasRegistry = slash > 0 && (name[..slash].AsSpan().IndexOfAny('.', ':') >= 0 || name[..slash] == "localhost");
        var registry = hasRegistry ? name[..slash] : DefaultRegistry;
        var repository = hasRegistry ? name[(slash + 1)..] : name;
        if (!Registry.IsMatch(registry) || !Repository.IsMatch(repository) || repository.Split('/').Any(p => p.Length == 0)
            || (digest.Length > 0 || at >= 0) && !Digest.IsMatch(digest) || (tag.Length > 0 || hasTag) && !Tag.IsMatch(tag))
        {
            return null;
        }

        repository = registry is DefaultRegistry or "docker.io" && !repository.Contains('/', StringComparison.Ordinal) ? $"library/{repository}" : repository;
        return new(text, registry == "docker.io" ? DefaultRegistry : registry, repository, digest.Length > 0 ? "" : tag, digest);
    }

    private sealed class ImageValue(string text, string registry, string repository, string tag, string digest) : CelLibraryObject(I)
    {
        public string Registry => registry;

        public string Repository => repository;

        public string Tag => tag;

        public string Digest => digest;

        public override bool EqualTo(CelValue other) => other is ImageValue image
            && (image.Registry, image.Repository, image.Tag, image.Digest) == (registry, repository, tag, digest);

        public override string ToString() => text;
    }
}
