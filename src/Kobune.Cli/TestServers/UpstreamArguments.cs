namespace Kobune.Cli.TestServers;

/// <summary>The command line of a program of upstream's: flags as Go's pflag reads them ("--name=value", "--name value", "--name" for true). The last of several counts. Pure.</summary>
internal sealed class UpstreamArguments
{
    private readonly List<KeyValuePair<string, string>> _flags = [];

    private UpstreamArguments()
    {
    }

    /// <summary>All flags in their order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Flags => _flags;

    /// <summary>Reads the words.</summary>
    /// <exception cref="FormatException">A word is no flag; in the words of upstream's programs.</exception>
    public static UpstreamArguments Parse(IReadOnlyList<string> words)
    {
        var arguments = new UpstreamArguments();
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word.Length == 0)
            {
                continue; // a template that gave nothing
            }

            var name = word.TrimStart('-');
            if (name.Length == word.Length || name.Length == 0 || name[0] == '=')
            {
                throw new FormatException($"unknown command \"{word}\"");
            }

            if (name.IndexOf('=') is >= 0 and var equals)
            {
                arguments._flags.Add(new(name[..equals], name[(equals + 1)..]));
            }
            else if (i + 1 < words.Count && !words[i + 1].StartsWith('-'))
            {
                arguments._flags.Add(new(name, words[++i]));
            }
            else
            {
                arguments._flags.Add(new(name, "true"));
            }
        }

        return arguments;
    }

    /// <summary>The last value of a flag; null when it was not given, or is empty.</summary>
    public string? Last(string name) => _flags.LastOrDefault(f => f.Key == name).Value is { Length: > 0 } value ? value : null;

    /// <summary>All values of a flag that may be repeated or hold a list.</summary>
    public IReadOnlyList<string> All(string name) => [.. _flags.Where(f => f.Key == name).SelectMany(f => f.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
}
