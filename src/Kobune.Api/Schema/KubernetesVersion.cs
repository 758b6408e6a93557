using System.Globalization;

namespace Kobune.Api.Schema;

/// <summary>A release of Kubernetes 1, whose API and gates are served.</summary>
/// <param name="Minor">The 36 of 1.36.0.</param>
/// <param name="Patch">The 0 of 1.36.0.</param>
public readonly record struct KubernetesVersion(int Minor, int Patch) : IComparable<KubernetesVersion>
{
    /// <summary>The oldest one whose facts schema/ has.</summary>
    public static readonly KubernetesVersion Oldest = new(30, 0);

    /// <summary>The one that schema/ describes in full, and that is run when nothing is said.</summary>
    public static readonly KubernetesVersion Newest = new(36, 0);

    /// <summary>What /version and nodes say: "v1.36.0+kobune".</summary>
    public string GitVersion => this + "+kobune";

    /// <summary>Whether schema/ has its facts.</summary>
    public bool CanBeServed => Minor >= Oldest.Minor && Minor <= Newest.Minor;

    /// <summary>Reads "v1.33.2", with or without the v and what follows a plus sign.</summary>
    public static bool TryParse(string? text, out KubernetesVersion version)
    {
        version = default;
        if (text?.TrimStart('v').Split('+')[0].Split('.') is not ["1", var minor, var patch] || !TryNumber(minor, out var first) || !TryNumber(patch, out var second))
        {
            return false;
        }

        version = new(first, second);
        return true;
    }

    /// <summary>The version that a node's settings name; the newest one when they name none.</summary>
    /// <exception cref="FormatException">It is no version, or none that can be served.</exception>
    public static KubernetesVersion ParseOrNewest(string text) =>
        text.Length == 0 ? Newest : TryParse(text, out var version) && version.CanBeServed ? version : throw new FormatException($"Kubernetes {text} cannot be run");

    /// <inheritdoc/>
    public int CompareTo(KubernetesVersion other) => (Minor, Patch).CompareTo((other.Minor, other.Patch));

    /// <summary>"v1.36.0".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"v1.{Minor}.{Patch}");

    /// <summary>Whether one is older.</summary>
    public static bool operator <(KubernetesVersion left, KubernetesVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether one is newer.</summary>
    public static bool operator >(KubernetesVersion left, KubernetesVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether one is not newer.</summary>
    public static bool operator <=(KubernetesVersion left, KubernetesVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one is not older.</summary>
    public static bool operator >=(KubernetesVersion left, KubernetesVersion right) => left.CompareTo(right) >= 0;

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
