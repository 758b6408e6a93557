using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.PodSecurity;

/// <summary>What the restricted standard asks for beyond the baseline.</summary>
internal static partial class PodSecurityChecks
{
    private static readonly string[] AllowedVolumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];

    private static PodSecurityProblem? PrivilegeEscalation(CheckedPod pod) => pod.IsWindows
        ? null
        : Problem("allowPrivilegeEscalation != false", [Containers(pod.Where(c => c.Flag("allowPrivilegeEscalation") != false), "must set securityContext.allowPrivilegeEscalation=false")]);

    private static PodSecurityProblem? RestrictedCapabilities(CheckedPod pod)
    {
        if (pod.IsWindows)
        {
            return null;
        }

        var added = new SortedSet<string>(StringComparer.Ordinal);
        var keeping = pod.Where(c => !c.Child("capabilities").Texts("drop").Contains("ALL"));
        var adding = pod.Where(c =>
        {
            var others = c.Child("capabilities").Texts("add").Where(a => a != "NET_BIND_SERVICE").ToArray();
            added.UnionWith(others);
            return others.Length > 0;
        });
        return Problem(
            "unrestricted capabilities",
            [Containers(keeping, "must set securityContext.capabilities.drop=[\"ALL\"]"), Containers(adding, $"must not include {Quoted(added)} in securityContext.capabilities.add")]);
    }

    private static PodSecurityProblem? RestrictedVolumes(CheckedPod pod)
    {
        var types = new SortedSet<string>(StringComparer.Ordinal);
        var names = new List<string>();
        foreach (var volume in pod.Spec.Items("volumes"))
        {
            if (volume.Select(f => f.Key).FirstOrDefault(k => k != "name") is { } type && !AllowedVolumes.Contains(type))
            {
                names.Add(volume.Text("name"));
                types.Add(type);
            }
        }

        return names.Count == 0
            ? null
            : new("restricted volume types", $"{(names.Count == 1 ? "volume" : "volumes")} {Quoted(names)} {(names.Count == 1 ? "uses" : "use")} restricted volume {(types.Count == 1 ? "type" : "types")} {Quoted(types)}");
    }

    private static PodSecurityProblem? RunAsNonRoot(CheckedPod pod)
    {
        if (pod.Minor >= 35 && pod.Spec.Flag("hostUsers") == false)
        {
            return null;
        }

        var ofPod = pod.Security.Flag("runAsNonRoot");
        var wrong = pod.Where(c => c.Flag("runAsNonRoot") == false);
        var isWrongInPod = ofPod == false;
        if (isWrongInPod || wrong.Length > 0)
        {
            return Problem("runAsNonRoot != true", [PodAnd(isWrongInPod, wrong, "must not set securityContext.runAsNonRoot=false")]);
        }

        var silent = ofPod is null ? pod.Where(c => c.Flag("runAsNonRoot") is null) : [];
        return silent.Length == 0 ? null : new("runAsNonRoot != true", $"pod or {Containers(silent, "must set securityContext.runAsNonRoot=true")}");
    }

    private static PodSecurityProblem? RunAsUser(CheckedPod pod) => pod.Minor >= 35 && pod.Spec.Flag("hostUsers") == false
        ? null
        : Problem("runAsUser=0", [PodAnd(pod.Security.Number("runAsUser") == 0, pod.Where(c => c.Number("runAsUser") == 0), "must not set runAsUser=0")]);

    private static PodSecurityProblem? RestrictedSeccomp(CheckedPod pod)
    {
        if (pod.IsWindows)
        {
            return null;
        }

        const string Wanted = "securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"";
        var ofPod = pod.Security.Child("seccompProfile").Text("type");
        var isWrongInPod = ofPod.Length > 0 && !IsAllowed(ofPod);
        var wrong = pod.Where(c => c.Child("seccompProfile").Text("type") is { Length: > 0 } type && !IsAllowed(type));
        if (isWrongInPod || wrong.Length > 0)
        {
            var types = pod.All.Select(c => c.Child("securityContext", "seccompProfile").Text("type")).Append(ofPod).Where(t => t.Length > 0 && !IsAllowed(t)).Distinct().Order(StringComparer.Ordinal);
            return Problem("seccompProfile", [PodAnd(isWrongInPod, wrong, $"must not set securityContext.seccompProfile.type to {Quoted(types)}")]);
        }

        var silent = ofPod.Length == 0 ? pod.Where(c => c.Child("seccompProfile").Text("type").Length == 0) : [];
        return silent.Length == 0 ? null : new("seccompProfile", $"pod or {Containers(silent, $"must set {Wanted}")}");
    }

    private static bool IsAllowed(string profile) => profile is "RuntimeDefault" or "Localhost";
}
