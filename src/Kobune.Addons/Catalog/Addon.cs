namespace Kobune.Addons.Catalog;

/// <summary>What runs an addon.</summary>
public enum AddonKind
{
    /// <summary>A part of the node process; enabled in a new cluster.</summary>
    Default,

    /// <summary>A part of the node process.</summary>
    BuiltIn,

    /// <summary>Pods whose images would have to be pulled: listed, with those images, and not brought by Kobune.</summary>
    Pulls,
}

/// <summary>An addon as `kobune addons list` shows it.</summary>
/// <param name="Name">"metrics-server".</param>
/// <param name="Maintainer">Who cares for it.</param>
/// <param name="Kind">What runs it.</param>
/// <param name="Images">What it would pull.</param>
public sealed record Addon(string Name, string Maintainer, AddonKind Kind, IReadOnlyList<AddonImage> Images)
{
    /// <summary>Whether it can be enabled here.</summary>
    public bool IsBuiltIn => Kind != AddonKind.Pulls;
}

/// <summary>An image of an addon.</summary>
/// <param name="Key">What `addons enable --images KEY=...` calls it.</param>
/// <param name="Registry">"registry.k8s.io".</param>
/// <param name="Image">"ingress-nginx/controller:v1.12.2".</param>
public sealed record AddonImage(string Key, string Registry, string Image);
