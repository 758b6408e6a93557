using System.Globalization;
using Kobune.Cli.Output;
using Kobune.Kubelet.Registry;

namespace Kobune.Cli.Images;

/// <summary>One image of a node.</summary>
/// <param name="Id">"sha256:...".</param>
/// <param name="RepoTags">Its names.</param>
/// <param name="RepoDigests">Its names by content.</param>
/// <param name="Size">Bytes of its content.</param>
internal sealed record ImageInfo(string Id, IReadOnlyList<string> RepoTags, IReadOnlyList<string> RepoDigests, long Size)
{
    /// <summary>From what the runtime tells, by name; those without a name come last.</summary>
    public static IReadOnlyList<ImageInfo> Of(IReadOnlyList<RuntimeImage> images) =>
        [.. images
            .Select(i => new ImageInfo(i.Id, [.. i.RepoTags.Order(StringComparer.Ordinal)], [.. i.RepoDigests.Order(StringComparer.Ordinal)], i.Size))
            .OrderBy(i => i.RepoTags.Count == 0).ThenBy(i => i.RepoTags.Count > 0 ? i.RepoTags[0] : i.Id, StringComparer.Ordinal)];

    /// <summary>Whether a user's word means this image: a name, or the beginning of its ID.</summary>
    public bool IsCalled(string word) =>
        RepoTags.Contains(ImageReference.Complete(word)) || RepoDigests.Contains(ImageReference.Complete(word))
        || (word.Length >= 4 && (Id.StartsWith(word, StringComparison.Ordinal) || BareId.StartsWith(word, StringComparison.Ordinal)));

    /// <summary>One of minikube's four forms.</summary>
    public static string Format(IReadOnlyList<ImageInfo> images, string form) => form switch
    {
        "table" => BoxTable.Render(["Image", "Tag", "Image ID", "Size"], images.SelectMany(i => i.RepoTags.Select(t => ImageReference.Split(t)).Select(t => (string[])[t.Repository, t.Tag, i.ShortId, i.HumanSize]))),
        "json" => Json(images) + "\n",
        "yaml" => string.Concat(images.Select(i => $"- id: {i.BareId}\n  repoDigests:{List(i.RepoDigests)}\n  repoTags:{List(i.RepoTags)}\n  size: \"{i.Size}\"\n")),
        _ => string.Concat(images.SelectMany(i => i.RepoTags).Select(t => t + "\n")),
    };

    private string BareId => Id.StartsWith("sha256:", StringComparison.Ordinal) ? Id["sha256:".Length..] : Id;

    private string ShortId => BareId[..Math.Min(13, BareId.Length)];

    private string HumanSize => Size switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{Size / 1e9:0.##}GB"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{Size / 1e6:0.#}MB"),
        >= 1_000 => string.Create(CultureInfo.InvariantCulture, $"{Size / 1e3:0.#}kB"),
        _ => $"{Size}B",
    };

    private static string List(IReadOnlyList<string> values) => values.Count == 0 ? " []" : string.Concat(values.Select(v => $"\n  - {v}"));

    private static string Json(IReadOnlyList<ImageInfo> images) => JsonText.Write(w =>
    {
        w.WriteStartArray();
        foreach (var image in images)
        {
            w.WriteStartObject();
            w.WriteString("id", image.BareId);
            foreach (var (name, values) in new[] { ("repoDigests", image.RepoDigests), ("repoTags", image.RepoTags) })
            {
                w.WriteStartArray(name);
                foreach (var value in values)
                {
                    w.WriteStringValue(value);
                }

                w.WriteEndArray();
            }

            w.WriteString("size", image.Size.ToString(CultureInfo.InvariantCulture));
            w.WriteEndObject();
        }

        w.WriteEndArray();
    });
}
