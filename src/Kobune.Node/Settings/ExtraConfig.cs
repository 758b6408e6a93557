namespace Kobune.Node.Settings;

/// <summary>What becomes of a setting.</summary>
public enum SettingEffect
{
    /// <summary>Nobody knows it: an error.</summary>
    Unknown,

    /// <summary>Upstream knows it, and here it changes nothing: told by name.</summary>
    None,

    /// <summary>It does here what it does upstream.</summary>
    Applied,
}

/// <summary>One setting of a component, "kubelet.max-pods=20": upstream's flag names, as minikube's --extra-config takes them.</summary>
/// <param name="Component">kubelet, kubeadm, apiserver, controller-manager, etcd, proxy or scheduler.</param>
/// <param name="Key">"max-pods".</param>
/// <param name="Value">"20".</param>
public sealed record ExtraConfig(string Component, string Key, string Value)
{
    /// <summary>Reads "component.key=value"; null when it has not that form.</summary>
    public static ExtraConfig? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (dot, equals) = (text.IndexOf('.'), text.IndexOf('='));
        return dot > 0 && equals > dot + 1 ? new(text[..dot], text[(dot + 1)..equals], text[(equals + 1)..]) : null;
    }

    /// <summary>What becomes of it.</summary>
    public SettingEffect Effect =>
        AppliedSettings.Checks.TryGetValue($"{Component}.{Key}", out _) ? SettingEffect.Applied
        : UpstreamFlags.Knows(Component, Key) ? SettingEffect.None
        : SettingEffect.Unknown;

    /// <summary>Whether upstream's component has a flag of this name, or it has an effect here.</summary>
    public static bool IsKnown(string component, string key) => new ExtraConfig(component, key, "").Effect != SettingEffect.Unknown;

    /// <summary>The settings of a component that have an effect, by name.</summary>
    public static IEnumerable<string> AppliedTo(string component) =>
        AppliedSettings.Checks.Keys.Where(k => k.StartsWith(component + ".", StringComparison.Ordinal)).Select(k => k[(component.Length + 1)..]);

    /// <summary>Why the value cannot be applied; null when it can.</summary>
    public string? Problem => AppliedSettings.Checks.TryGetValue($"{Component}.{Key}", out var check) && !check(Value) ? $"{Component}.{Key}: \"{Value}\"" : null;

    /// <inheritdoc/>
    public override string ToString() => $"{Component}.{Key}={Value}";
}
