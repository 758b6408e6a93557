using System.Collections.Concurrent;
using System.Text;
using Kobune.Api.Schema.Text;

namespace Kobune.Api.Features;

/// <summary>All gates of one release, from schema/gates.</summary>
public sealed class FeatureCatalog
{
    private const int FirstWithNeeds = 35;

    private static readonly ConcurrentDictionary<int, Lazy<FeatureCatalog>> Loaded = new();

    private readonly Dictionary<string, FeatureGate> _gates = new(StringComparer.Ordinal);
    private readonly HashSet<string> _finished = new(StringComparer.Ordinal);

    private FeatureCatalog(string text, int minor)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.Length > 0 && line[0] != '#')
            {
                Add(line.Split(' '), minor);
            }
        }
    }

    /// <summary>All gates that the release knows, without AllAlpha and AllBeta.</summary>
    public IReadOnlyCollection<FeatureGate> Gates => _gates.Values;

    /// <summary>The gates of Kubernetes 1.MINOR.</summary>
    public static FeatureCatalog Of(int minor) => Loaded.GetOrAdd(minor, m => new(() => new(Text(), m))).Value;

    /// <summary>The gate of a name; null when the release does not know it, yet or any more.</summary>
    public FeatureGate? Find(string name) => _gates.GetValueOrDefault(name);

    /// <summary>Whether an earlier release finished the feature, so that its gate is gone and the feature stays.</summary>
    public bool IsFinished(string name) => _finished.Contains(name);

    private void Add(string[] words, int minor)
    {
        FeatureGate? gate = null;
        var (known, last) = (0, int.MaxValue);
        string[] needs = [];
        foreach (var word in words.AsSpan(1))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var marks = word[(equals + 1)..].Split(',');
            if (word[..equals] == "needs")
            {
                needs = minor < FirstWithNeeds ? [] : marks;
                continue;
            }

            var release = SchemaParser.Minor(marks[0]);
            switch (word[..equals])
            {
                case "known": known = release; break;
                case "last": last = release; break;
                case var stage when release <= minor:
                    gate = new(words[0], Enum.Parse<FeatureStage>(stage), marks.Contains("on"), marks.Contains("locked"));
                    break;
                default: break;
            }
        }

        if (gate is not null && known <= minor)
        {
            if (minor <= last)
            {
                _gates[gate.Name] = gate with { Needs = needs };
            }
            else if (gate.IsOn)
            {
                _finished.Add(gate.Name);
            }
        }
    }

    private static string Text()
    {
        using var stream = typeof(FeatureCatalog).Assembly.GetManifestResourceStream("features/gates")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
