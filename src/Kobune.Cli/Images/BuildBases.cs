using System.Text;
using System.Text.RegularExpressions;

namespace Kobune.Cli.Images;

/// <summary>Which images a Dockerfile builds on: of FROM, COPY --from and RUN --mount=from, without its own stages. Pure.</summary>
internal static partial class BuildBases
{
    /// <summary>The names as they are written, variables filled in.</summary>
    /// <param name="dockerfile">Its text.</param>
    /// <param name="arguments">Of --build-arg.</param>
    /// <param name="contexts">Names of build contexts, which are no images.</param>
    public static IReadOnlyList<string> Of(string dockerfile, IReadOnlyDictionary<string, string> arguments, IReadOnlyCollection<string> contexts)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var stages = new HashSet<string>(contexts, StringComparer.OrdinalIgnoreCase) { "scratch" };
        var bases = new List<string>();
        var count = 0;
        foreach (var words in Instructions(dockerfile))
        {
            switch (words[0].ToUpperInvariant())
            {
                case "ARG" when count == 0:
                    foreach (var word in words.Skip(1))
                    {
                        var (name, value) = Pair(word);
                        variables[name] = arguments.GetValueOrDefault(name, Fill(value, variables));
                    }

                    break;
                case "FROM" when words.Skip(1).FirstOrDefault(w => !w.StartsWith("--", StringComparison.Ordinal)) is { } image:
                    Add(Fill(image, variables));
                    var name2 = Array.FindIndex(words, w => w.Equals("AS", StringComparison.OrdinalIgnoreCase));
                    stages.Add(count.ToString(System.Globalization.CultureInfo.InvariantCulture));
                    stages.Add(name2 > 0 && name2 + 1 < words.Length ? words[name2 + 1] : "");
                    count++;
                    break;
                case "COPY" or "RUN":
                    foreach (var source in words.Skip(1).TakeWhile(w => w.StartsWith("--", StringComparison.Ordinal)).Select(w => Source().Match(w)).Where(m => m.Success))
                    {
                        Add(Fill(source.Groups[1].Value, variables));
                    }

                    break;
            }
        }

        return bases;

        void Add(string image)
        {
            if (image.Length > 0 && !stages.Contains(image) && !bases.Contains(image))
            {
                bases.Add(image);
            }
        }
    }

    // Lines joined at their "\", without comments, in words.
    private static IEnumerable<string[]> Instructions(string text)
    {
        var line = new StringBuilder();
        foreach (var raw in text.ReplaceLineEndings("\n").Split('\n').Select(l => l.Trim()).Where(l => !l.StartsWith('#')))
        {
            var goesOn = raw.EndsWith('\\');
            line.Append(goesOn ? raw[..^1] : raw).Append(' ');
            if (!goesOn)
            {
                if (line.ToString().Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words)
                {
                    yield return words;
                }

                line.Clear();
            }
        }
    }

    private static (string Name, string Value) Pair(string word) =>
        word.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (word[..at], word[(at + 1)..].Trim('"', '\'')) : (word, "");

    private static string Fill(string text, Dictionary<string, string> variables) => Variable().Replace(text.Trim('"', '\''), m =>
    {
        var value = variables.GetValueOrDefault(m.Groups["name"].Value, "");
        return (m.Groups["op"].Value, value.Length > 0) switch
        {
            ("-", false) => m.Groups["word"].Value,
            ("+", true) => m.Groups["word"].Value,
            ("+", false) => "",
            _ => value,
        };
    });

    [GeneratedRegex(@"\$(?:\{(?<name>\w+)(?::(?<op>[-+])(?<word>[^}]*))?\}|(?<name>\w+))")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^--(?:from=|mount=(?:\S*,)?from=)([^,\s]+)")]
    private static partial Regex Source();
}
