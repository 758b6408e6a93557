namespace Kobune.Addons.Catalog;

/// <summary>All addons.</summary>
public static class AddonCatalog
{
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["heapster"] = "metrics-server",
        ["nvidia-gpu-device-plugin"] = "nvidia-device-plugin",
    };

    private static readonly Lazy<IReadOnlyList<Addon>> Parsed = new(Load);

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<Addon> All => Parsed.Value;

    /// <summary>The addon of this name or of one of its former names; null when there is none.</summary>
    public static Addon? Find(string name) => All.FirstOrDefault(a => a.Name == Aliases.GetValueOrDefault(name, name));

    /// <summary>Reads one line of the catalogue.</summary>
    internal static Addon Parse(string line)
    {
        var fields = line.Split('|', StringSplitOptions.TrimEntries);
        var images = fields[3].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ImageOf);
        return new(fields[0], fields[1], fields[2] switch { "default" => AddonKind.Default, "built-in" => AddonKind.BuiltIn, "pulls" => AddonKind.Pulls, var other => throw new FormatException(other) }, [.. images]);
    }

    private static AddonImage ImageOf(string text)
    {
        var (equals, slash) = (text.IndexOf('='), text.IndexOf('/'));
        return new(text[..equals], text[(equals + 1)..slash], text[(slash + 1)..]);
    }

    private static List<Addon> Load()
    {
        using var reader = new StreamReader(typeof(AddonCatalog).Assembly.GetManifestResourceStream("catalog.txt")!);
        var all = new List<Addon>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                all.Add(Parse(line));
            }
        }

        return all;
    }
}
