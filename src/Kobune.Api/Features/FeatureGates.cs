using Kobune.Api.Schema;

namespace Kobune.Api.Features;

/// <summary>Which features of a release are on: its defaults, and what was set with --feature-gates. Immutable; one object goes from the settings to every component.</summary>
public sealed class FeatureGates
{
    private const string AllAlpha = "AllAlpha";
    private const string AllBeta = "AllBeta";

    private readonly FeatureCatalog _catalog;
    private readonly SortedDictionary<string, bool> _set;

    private FeatureGates(KubernetesVersion version, SortedDictionary<string, bool> set)
    {
        Version = version;
        _catalog = FeatureCatalog.Of(version.Minor);
        _set = set;
    }

    /// <summary>The release.</summary>
    public KubernetesVersion Version { get; }

    /// <summary>What was set, by name; AllAlpha and AllBeta as they were written.</summary>
    public IReadOnlyDictionary<string, bool> Overrides => _set;

    /// <summary>The settings in one canonical text: equal texts, equal gates.</summary>
    public string Text => string.Join(',', _set.Select(s => $"{s.Key}={(s.Value ? "true" : "false")}"));

    /// <summary>All gates that the release knows with their state, AllAlpha and AllBeta included, by name.</summary>
    public IEnumerable<(FeatureGate Gate, bool IsOn)> All =>
        _catalog.Gates.Append(new(AllAlpha, FeatureStage.Alpha, false, false)).Append(new(AllBeta, FeatureStage.Beta, false, false))
            .OrderBy(g => g.Name, StringComparer.Ordinal).Select(g => (g, _set.TryGetValue(g.Name, out var value) ? value : IsEnabled(g.Name)));

    /// <summary>The release's defaults.</summary>
    public static FeatureGates Default(KubernetesVersion version) => new(version, []);

    /// <summary>Reads "Name=true,Other=false".</summary>
    /// <exception cref="FormatException">The release does not allow it; the message is upstream's.</exception>
    public static FeatureGates Parse(KubernetesVersion version, string text) =>
        TryParse(version, text, out var problem) ?? throw new FormatException(problem!.ToString());

    /// <summary>Reads "Name=true,Other=false"; null, and the first problem, when the release does not allow it.</summary>
    public static FeatureGates? TryParse(KubernetesVersion version, string text, out FeatureProblem? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        var catalog = FeatureCatalog.Of(version.Minor);
        var set = new SortedDictionary<string, bool>(StringComparer.Ordinal);
        foreach (var setting in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            problem = Read(setting, catalog, set);
            if (problem is not null)
            {
                return null;
            }
        }

        var gates = new FeatureGates(version, set);
        problem = gates.Unmet();
        return problem is null ? gates : null;
    }

    /// <summary>Gates that were set though the feature is finished or given up, so that a later release will not know them; upstream warns of them.</summary>
    public IEnumerable<FeatureGate> Leaving => _set.Keys.Select(_catalog.Find).OfType<FeatureGate>().Where(g => g.Stage is FeatureStage.GA or FeatureStage.Deprecated);

    private FeatureProblem? Unmet() =>
        (from gate in _catalog.Gates.OrderBy(g => g.Name, StringComparer.Ordinal)
         where IsEnabled(gate.Name)
         let missing = gate.Needs.Where(n => !IsEnabled(n)).ToList()
         where missing.Count > 0
         select new FeatureProblem(FeatureProblemKind.Unmet, gate.Name, true) { Missing = missing }).FirstOrDefault();

    /// <summary>Whether a feature is on. One that the release does not know yet is off, one whose gate it knows no more is finished.</summary>
    public bool IsEnabled(string name)
    {
        if (_catalog.Find(name) is not { } gate)
        {
            return _catalog.IsFinished(name);
        }

        if (_set.TryGetValue(name, out var value))
        {
            return value;
        }

        var all = gate.Stage switch { FeatureStage.Alpha => AllAlpha, FeatureStage.Beta => AllBeta, _ => "" };
        return _set.TryGetValue(all, out var every) ? every : gate.IsOn;
    }

    private static FeatureProblem? Read(string setting, FeatureCatalog catalog, SortedDictionary<string, bool> set)
    {
        var equals = setting.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || GoBool.TryParse(setting[(equals + 1)..].Trim()) is not { } value)
        {
            return new(FeatureProblemKind.Malformed, setting, false);
        }

        var name = setting[..equals].Trim();
        if (name is not (AllAlpha or AllBeta))
        {
            if (catalog.Find(name) is not { } gate)
            {
                return new(FeatureProblemKind.Unknown, name, value);
            }

            if (gate.IsLocked && gate.IsOn != value)
            {
                return new(FeatureProblemKind.Locked, name, value);
            }
        }

        set[name] = value;
        return null;
    }
}
