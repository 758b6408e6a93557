using Kobune.Api.Core.V1;

namespace Kobune.Addons.Switching;

/// <summary>Whether an addon is on, and its settings.</summary>
/// <param name="IsEnabled">On or off.</param>
/// <param name="Settings">Text that the addon itself understands ("192.168.49.200-192.168.49.210"); "" for none.</param>
public sealed record AddonState(bool IsEnabled, string Settings);

/// <summary>
/// The object by which the owner of a cluster tells its node processes which addons are on: the ConfigMap kube-system/kobune-addons. For each addon it has
/// a key with its name ("enabled" or "disabled"), and NAME.settings where there are any. An addon that is not named there is off, and was never on.
/// </summary>
public static class AddonConfigMap
{
    /// <summary>Its namespace.</summary>
    public const string Namespace = "kube-system";

    /// <summary>Its name.</summary>
    public const string Name = "kobune-addons";

    private const string SettingsSuffix = ".settings";

    /// <summary>The states that the object tells; none when it is not there.</summary>
    public static IReadOnlyDictionary<string, AddonState> Read(ConfigMap? map)
    {
        var states = new Dictionary<string, AddonState>(StringComparer.Ordinal);
        foreach (var (name, word) in map?.Data ?? new Dictionary<string, string>())
        {
            if (!name.EndsWith(SettingsSuffix, StringComparison.Ordinal))
            {
                states[name] = new(word == "enabled", map!.Data.GetValueOrDefault(name + SettingsSuffix, ""));
            }
        }

        return states;
    }

    /// <summary>The data that tells these states.</summary>
    public static IReadOnlyDictionary<string, string> Data(IReadOnlyDictionary<string, AddonState> states)
    {
        var data = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, state) in states)
        {
            data[name] = state.IsEnabled ? "enabled" : "disabled";
            if (state.Settings.Length > 0)
            {
                data[name + SettingsSuffix] = state.Settings;
            }
        }

        return data;
    }
}
