using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Schema;

namespace Kobune.Node.Settings;

/// <summary>The settings of --extra-config that do something here, as values. Pure; a partial file for each component.</summary>
/// <param name="texts">"kubelet.max-pods=20", checked before.</param>
public sealed partial class ComponentSettings(IReadOnlyList<string> texts)
{
    private readonly Dictionary<string, string> _values = texts.Select(ExtraConfig.Parse).OfType<ExtraConfig>().GroupBy(e => $"{e.Component}.{e.Key}").ToDictionary(g => g.Key, g => g.Last().Value);

    /// <summary>The features of one component: --feature-gates, and COMPONENT.feature-gates over it.</summary>
    /// <param name="component">"kubelet".</param>
    /// <param name="version">The release.</param>
    /// <param name="gates">What --feature-gates says.</param>
    /// <exception cref="FormatException">The release does not allow it.</exception>
    public FeatureGates Features(string component, KubernetesVersion version, string gates) =>
        FeatureGates.Parse(version, $"{gates},{_values.GetValueOrDefault(component + ".feature-gates", "")}");

    private string? Text(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (_values.TryGetValue(key, out var text))
            {
                return text;
            }
        }

        return null;
    }

    private int? Number(string key) => Text(key) is { } text ? SettingValues.Number(text) : null;

    private bool? Flag(string key) => Text(key) is { } text ? SettingValues.Flag(text) : null;

    private TimeSpan? Duration(string key) => Text(key) is { } text ? SettingValues.Duration(text) : null;

    private IReadOnlyList<string> List(string key) => Text(key) is { } text ? SettingValues.List(text) : [];
}
