using System.Globalization;
using Kobune.Cli.Output;

namespace Kobune.Cli.Images;

/// <summary>One image of a node.</summary>
/// <param name="Id">"sha256:...".</param>
/// <param name="RepoTags">Its names.</param>
/// <param name="RepoDigests">Its names by content.</param>
/// <param name="Size">Bytes of its content.</param>
internal sealed record ImageInfo(string Id, IReadOnlyList<string> RepoTags, IReadOnlyList<string> RepoDigests, long Size)
{
    /// <summary>Reads what `ctr images ls` prints: one line a name; the CRI plugin adds one that is the image's ID.</summary>
    public static IReadOnlyList<ImageInfo> Parse(string text)
    {
        var rows = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(w => w.Length >= 5)
            .Select(w => (Name: w[0], Digest: w[2], Size: SizeOf(w[3], w[4])));
        return [.. rows.GroupBy(r => r.Digest).Select(OfGroup).Where(i => i.RepoTags.Count > 0).OrderBy(i => i.RepoTags[0], StringComparer.Ordinal)];
    }

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

    private static ImageInfo OfGroup(IGrouping<string, (string Name, string Digest, long Size)> group)
    {
        var names = group.Select(r => r.Name).ToList();
        return new(
            names.FirstOrDefault(n => n.StartsWith("sha256:", StringComparison.Ordinal)) ?? group.Key,
            [.. names.Where(n => !n.StartsWith("sha256:", StringComparison.Ordinal) && !n.Contains('@')).Order(StringComparer.Ordinal)],
            [.. names.Where(n => n.Contains('@')).Order(StringComparer.Ordinal)],
            group.First().Size);
    }

    private static long SizeOf(string number, string unit) =>
        double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            ? (long)(value * unit switch { "KiB" => 1024, "MiB" => 1048576, "GiB" => 1073741824, _ => 1 })
            : 0;

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
