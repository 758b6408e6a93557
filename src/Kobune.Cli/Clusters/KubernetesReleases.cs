using System.Globalization;
using Kobune.Api.Schema;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Clusters;

/// <summary>The releases of Kubernetes that can be run, and how `start --kubernetes-version` names them. Behaviour differs by minor release; the patch is what is shown.</summary>
internal static class KubernetesReleases
{
    private const string Option = "--kubernetes-version";

    /// <summary>The newest patch of each minor release from 1.30 on, as kubernetes.io/releases had them in September 2026.</summary>
    private static readonly int[] NewestPatches = [14, 14, 13, 10, 9, 9, 4];

    /// <summary>All of them, the newest first.</summary>
    public static IEnumerable<KubernetesVersion> All =>
        from i in Enumerable.Range(0, NewestPatches.Length).Reverse()
        from patch in Enumerable.Range(0, NewestPatches[i] + 1).Reverse()
        select new KubernetesVersion(KubernetesVersion.Oldest.Minor + i, patch);

    /// <summary>What "latest" means.</summary>
    public static KubernetesVersion Latest => Newest(KubernetesVersion.Newest.Minor);

    /// <summary>The version that a text means: nothing or "stable" is the default, "latest" the newest, "v1.33" the newest patch, "1.33.2" itself.</summary>
    /// <exception cref="CliException">It is no version, or one that cannot be run.</exception>
    public static KubernetesVersion Resolve(string? text)
    {
        var bare = text?.TrimStart('v').Split('+')[0];
        if (bare is null or "stable" or "")
        {
            return KubernetesVersion.Newest;
        }

        if (bare == "latest")
        {
            return Latest;
        }

        var numbers = bare.Split('.').Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1).ToArray();
        if (numbers.Length is < 2 or > 3 || numbers.Contains(-1))
        {
            throw new CliException(Reason.Usage, Message.BadValue, $"\"{text}\"", Option);
        }

        if (numbers[0] < 1 || (numbers[0] == 1 && numbers[1] < KubernetesVersion.Oldest.Minor))
        {
            throw Refusal(Reason.OldVersion, Message.OldVersion, bare, KubernetesVersion.Oldest);
        }

        if (numbers[0] > 1 || numbers[1] > KubernetesVersion.Newest.Minor)
        {
            throw Refusal(Reason.NewVersion, Message.NewVersion, bare, Latest);
        }

        var newest = Newest(numbers[1]);
        return numbers.Length == 2 ? newest : numbers[2] <= newest.Patch ? newest with { Patch = numbers[2] } : throw Refusal(Reason.NewVersion, Message.NewVersion, bare, newest);
    }

    /// <summary>The version that a cluster gets: the one asked for; else the one it has, or the default.</summary>
    /// <param name="text">What was asked for, or null.</param>
    /// <param name="current">What the cluster has; null for a new one.</param>
    /// <exception cref="CliException">It cannot be run, or is older than what the cluster has.</exception>
    public static KubernetesVersion For(string? text, string? current)
    {
        if (!KubernetesVersion.TryParse(current, out var had))
        {
            return Resolve(text);
        }

        // A newer Kobune may have made the cluster; and an older version is a downgrade, whether it could be run or not.
        var wanted = text is null ? (had.CanBeServed ? had : Latest) : KubernetesVersion.TryParse(text, out var named) && named < had ? named : Resolve(text);
        return wanted < had
            ? throw new CliException(Reason.Downgrade, Message.Downgrade, had, wanted) { Advice = (Message.DowngradeAdvice, []) }
            : wanted;
    }

    private static KubernetesVersion Newest(int minor) => new(minor, NewestPatches[minor - KubernetesVersion.Oldest.Minor]);

    private static CliException Refusal(Reason reason, Message message, string bare, KubernetesVersion bound) =>
        new(reason, message, "v" + bare, bound) { Advice = (Message.UseVersion, [bound]) };
}
