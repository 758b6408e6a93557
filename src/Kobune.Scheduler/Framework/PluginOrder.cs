namespace Kobune.Scheduler.Framework;

/// <summary>Which plugins run at an extension point, and in which order. Source: pkg/scheduler/framework/runtime, expandMultiPointPlugins.</summary>
internal sealed class PluginOrder
{
    private const string Everywhere = "multiPoint";

    private readonly Dictionary<string, IPlugin> _known;
    private readonly IReadOnlyDictionary<string, PluginSet> _sets;
    private readonly List<(string Name, int Weight)> _everywhere;

    /// <param name="defaults">All plugins that there are, in the default order and with their default weights.</param>
    /// <param name="sets">What a profile wants otherwise.</param>
    /// <exception cref="FormatException">A plugin that there is not.</exception>
    public PluginOrder(IReadOnlyList<(IPlugin Plugin, int Weight)> defaults, IReadOnlyDictionary<string, PluginSet> sets)
    {
        _known = defaults.ToDictionary(p => p.Plugin.Name, p => p.Plugin, StringComparer.Ordinal);
        _sets = sets;
        if (sets.Values.SelectMany(s => s.Enabled).FirstOrDefault(e => !_known.ContainsKey(e.Name)) is { Name: { } missing })
        {
            throw new FormatException($"plugin \"{missing}\" does not exist");
        }

        _everywhere = Merge([.. defaults.Select(p => (p.Plugin.Name, p.Weight))], sets.GetValueOrDefault(Everywhere));
    }

    /// <summary>The plugins of a point: those that it names among the general ones, the other general ones, those that it adds.</summary>
    /// <exception cref="FormatException">The point names a plugin that has no business there.</exception>
    public List<(T Plugin, int Weight)> At<T>(string point)
        where T : class, IPlugin
    {
        var own = _sets.GetValueOrDefault(point) ?? new([], []);
        if (own.Enabled.FirstOrDefault(e => _known[e.Name] is not T) is { Name: { } wrong })
        {
            throw new FormatException($"plugin \"{wrong}\" does not extend {point} plugin");
        }

        var general = own.Disabled.Contains("*") ? [] : _everywhere.Where(e => _known[e.Name] is T && !own.Disabled.Contains(e.Name)).ToList();
        var first = own.Enabled.Where(e => general.Exists(g => g.Name == e.Name)).ToList();
        IEnumerable<(string Name, int Weight)> order = [.. first, .. general.Where(g => !own.Enabled.Any(e => e.Name == g.Name)), .. own.Enabled.Where(e => !first.Contains(e))];
        return [.. order.Select(e => ((T)_known[e.Name], Math.Max(1, e.Weight)))];
    }

    /// <summary>Default ones keep their place when they are given another weight; new ones come last.</summary>
    private static List<(string Name, int Weight)> Merge(List<(string Name, int Weight)> defaults, PluginSet? wanted)
    {
        if (wanted is null)
        {
            return defaults;
        }

        var kept = wanted.Disabled.Contains("*") ? [] : defaults.Where(d => !wanted.Disabled.Contains(d.Name)).Select(d => wanted.Enabled.FirstOrDefault(e => e.Name == d.Name, d)).ToList();
        return [.. kept, .. wanted.Enabled.Where(e => !kept.Exists(k => k.Name == e.Name))];
    }
}
