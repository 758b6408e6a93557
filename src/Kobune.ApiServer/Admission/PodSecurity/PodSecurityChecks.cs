using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.PodSecurity;

/// <summary>Why a pod does not meet a standard.</summary>
/// <param name="Reason">The check, in upstream's words.</param>
/// <param name="Detail">Which fields; may be empty.</param>
internal readonly record struct PodSecurityProblem(string Reason, string Detail)
{
    public override string ToString() => Detail.Length == 0 ? Reason : $"{Reason} ({Detail})";
}

/// <summary>The checks of the Pod Security Standards. Source: k8s.io/pod-security-admission, policy; order, reasons and details are its own.</summary>
internal static partial class PodSecurityChecks
{
    /// <summary>All problems, those of the baseline first.</summary>
    /// <param name="standard">Which standard.</param>
    /// <param name="minor">Of which release: 0 to the newest.</param>
    /// <param name="spec">Spec of the pod.</param>
    /// <param name="metadata">Its metadata; null for a template.</param>
    public static IReadOnlyList<PodSecurityProblem> Evaluate(PodSecurityStandard standard, int minor, JsonObject spec, JsonObject? metadata)
    {
        if (standard == PodSecurityStandard.Privileged)
        {
            return [];
        }

        var pod = new CheckedPod(spec, metadata, minor);
        var isRestricted = standard == PodSecurityStandard.Restricted;
        PodSecurityProblem?[] found =
        [
            AppArmor(pod),
            isRestricted && minor >= 22 ? null : Capabilities(pod),
            HostNamespaces(pod),
            isRestricted ? null : HostPaths(pod),
            HostPorts(pod),
            minor >= 34 ? HostProbes(pod) : null,
            Privileged(pod),
            ProcMount(pod),
            SELinux(pod),
            isRestricted && minor >= 19 ? null : Seccomp(pod),
            Sysctls(pod),
            WindowsHostProcess(pod),
            .. isRestricted ? Restricted(pod) : [],
        ];
        return [.. found.OfType<PodSecurityProblem>()];
    }

    private static IEnumerable<PodSecurityProblem?> Restricted(CheckedPod pod) =>
    [
        pod.Minor >= 8 ? PrivilegeEscalation(pod) : null,
        pod.Minor >= 22 ? RestrictedCapabilities(pod) : null,
        RestrictedVolumes(pod),
        RunAsNonRoot(pod),
        pod.Minor >= 23 ? RunAsUser(pod) : null,
        pod.Minor >= 19 ? RestrictedSeccomp(pod) : null,
    ];

    private static PodSecurityProblem? Problem(string reason, IEnumerable<string> details)
    {
        var all = details.Where(d => d.Length > 0).ToArray();
        return all.Length == 0 ? null : new(reason, string.Join("; ", all));
    }

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"\"{n}\""));

    /// <summary>container "a" must ..., or containers "a", "b" must ...; empty for none.</summary>
    private static string Containers(string[] names, string rest) => names.Length switch
    {
        0 => "",
        1 => $"container {Quoted(names)} {rest}",
        _ => $"containers {Quoted(names)} {rest}",
    };

    /// <summary>pod must ..., pod and container "a" must ..., or only containers.</summary>
    private static string PodAnd(bool pod, string[] names, string rest) => (pod, names.Length) switch
    {
        (true, 0) => $"pod {rest}",
        (true, 1) => $"pod and container {Quoted(names)} {rest}",
        (true, _) => $"pod and containers {Quoted(names)} {rest}",
        _ => Containers(names, rest),
    };

    /// <summary>What the checks look at.</summary>
    internal sealed class CheckedPod(JsonObject spec, JsonObject? metadata, int minor)
    {
        public JsonObject Spec => spec;

        public int Minor => minor;

        public JsonObject? Security { get; } = spec.Child("securityContext");

        public JsonObject? Annotations { get; } = metadata.Child("annotations");

        /// <summary>Since 1.25 checks of Linux do not hold for pods of Windows.</summary>
        public bool IsWindows { get; } = minor >= 25 && spec.Child("os").Text("name") == "windows";

        public IReadOnlyList<JsonObject> All { get; } = [.. spec.Items("initContainers"), .. spec.Items("containers"), .. spec.Items("ephemeralContainers")];

        /// <summary>Names of the containers whose security context is so.</summary>
        public string[] Where(Func<JsonObject?, bool> isSo) => [.. All.Where(c => isSo(c.Child("securityContext"))).Select(c => c.Text("name"))];
    }
}
