using Kobune.Api.Core.V1;

namespace Kobune.ControllerManager.SELinuxWarnings;

/// <summary>SELinux labels as a pod writes them. What it leaves out its node fills in, so it is not known here. Source: pkg/controller/volume/selinuxwarning/translator.</summary>
internal static class SELinuxLabels
{
    private const int Parts = 4;

    /// <summary>User, role, type and level with colons between; empty when nothing is said.</summary>
    public static string Text(SELinuxOptions options)
    {
        var text = $"{options.User}:{options.Role}:{options.Type}:{options.Level}";
        return text == ":::" ? "" : text;
    }

    /// <summary>Whether a part that both say differs.</summary>
    public static bool Conflict(string one, string other)
    {
        var (a, b) = (one.Split(':', Parts), other.Split(':', Parts));
        for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            if (a[i].Length > 0 && b[i].Length > 0 && a[i] != b[i])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The labels of the containers that mount a volume, each once; what a container says goes before what its pod says.</summary>
    public static IReadOnlyList<string> Of(Pod pod, string volume) =>
    [
        .. pod.Spec.InitContainers.Select(c => (c.VolumeMounts, c.SecurityContext))
            .Concat(pod.Spec.Containers.Select(c => (c.VolumeMounts, c.SecurityContext)))
            .Concat(pod.Spec.EphemeralContainers.Select(c => (c.VolumeMounts, c.SecurityContext)))
            .Where(c => c.VolumeMounts.Any(m => m.Name == volume))
            .Select(c => c.SecurityContext?.SELinuxOptions ?? pod.Spec.SecurityContext?.SELinuxOptions)
            .OfType<SELinuxOptions>()
            .Select(Text)
            .Distinct(),
    ];
}
