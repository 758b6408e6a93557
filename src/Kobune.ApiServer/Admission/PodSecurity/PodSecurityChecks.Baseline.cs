using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.PodSecurity;

/// <summary>The checks of the baseline.</summary>
internal static partial class PodSecurityChecks
{
    private const string AppArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/";

    private static readonly string[] HostNamespaceFields = ["hostNetwork", "hostPID", "hostIPC"];

    private static readonly string[] DefaultCapabilities =
        ["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"];

    private static readonly (string Name, int Since)[] SafeSysctls =
    [
        ("kernel.shm_rmid_forced", 0), ("net.ipv4.ip_local_port_range", 0), ("net.ipv4.tcp_syncookies", 0), ("net.ipv4.ping_group_range", 0), ("net.ipv4.ip_unprivileged_port_start", 0),
        ("net.ipv4.ip_local_reserved_ports", 27), ("net.ipv4.tcp_keepalive_time", 29), ("net.ipv4.tcp_fin_timeout", 29), ("net.ipv4.tcp_keepalive_intvl", 29), ("net.ipv4.tcp_keepalive_probes", 29),
        ("net.ipv4.tcp_rmem", 32), ("net.ipv4.tcp_wmem", 32),
    ];

    private static readonly (string Name, int Since)[] SELinuxTypes = [("", 0), ("container_t", 0), ("container_init_t", 0), ("container_kvm_t", 0), ("container_engine_t", 31)];

    private static PodSecurityProblem? AppArmor(CheckedPod pod)
    {
        var names = pod.Where(c => c.Child("appArmorProfile").Text("type") == "Unconfined");
        var inPod = pod.Security.Child("appArmorProfile").Text("type") == "Unconfined";
        var annotations = (pod.Annotations ?? []).Where(a => a.Key.StartsWith(AppArmorAnnotation, StringComparison.Ordinal) && !IsConfined((string?)a.Value ?? ""))
            .Select(a => $"{a.Key}=\"{a.Value}\"").Order(StringComparer.Ordinal).ToArray();
        var count = names.Length + (inPod ? 1 : 0) + annotations.Length;
        return Problem(
            count == 1 ? "forbidden AppArmor profile" : "forbidden AppArmor profiles",
            [PodAnd(inPod, names, "must not set AppArmor profile type to \"Unconfined\""), string.Join(", ", annotations)]);
    }

    private static bool IsConfined(string profile) => profile is "" or "runtime/default" || profile.StartsWith("localhost/", StringComparison.Ordinal);

    private static PodSecurityProblem? Capabilities(CheckedPod pod)
    {
        var added = new SortedSet<string>(StringComparer.Ordinal);
        var names = pod.Where(c =>
        {
            var others = c.Child("capabilities").Texts("add").Except(DefaultCapabilities).ToArray();
            added.UnionWith(others);
            return others.Length > 0;
        });
        return Problem("non-default capabilities", [Containers(names, $"must not include {Quoted(added)} in securityContext.capabilities.add")]);
    }

    private static PodSecurityProblem? HostNamespaces(CheckedPod pod)
    {
        string[] used = [.. HostNamespaceFields.Where(f => pod.Spec.Flag(f) == true).Select(f => f + "=true")];
        return used.Length == 0 ? null : new("host namespaces", string.Join(", ", used));
    }

    private static PodSecurityProblem? HostPaths(CheckedPod pod)
    {
        string[] names = [.. pod.Spec.Items("volumes").Where(v => v.Has("hostPath")).Select(v => v.Text("name"))];
        return names.Length == 0 ? null : new("hostPath volumes", $"{(names.Length == 1 ? "volume" : "volumes")} {Quoted(names)}");
    }

    private static PodSecurityProblem? HostPorts(CheckedPod pod)
    {
        var names = pod.All.Where(c => c.Items("ports").Any(p => p.Number("hostPort") is > 0)).Select(c => c.Text("name")).ToArray();
        var ports = pod.All.SelectMany(c => c.Items("ports")).Select(p => p.Number("hostPort") ?? 0).Where(p => p > 0).Distinct().Order().ToArray();
        return Problem("hostPort", [Containers(names, $"{(names.Length == 1 ? "uses" : "use")} {(ports.Length == 1 ? "hostPort" : "hostPorts")} {string.Join(", ", ports)}")]);
    }

    private static PodSecurityProblem? HostProbes(CheckedPod pod)
    {
        var hosts = new SortedSet<string>(StringComparer.Ordinal);
        var names = pod.All.Where(c =>
        {
            var asked = Handlers(c).SelectMany(h => new[] { h.Child("httpGet").Text("host"), h.Child("tcpSocket").Text("host") }).Where(h => h.Length > 0).ToArray();
            hosts.UnionWith(asked);
            return asked.Length > 0;
        }).Select(c => c.Text("name")).ToArray();
        return Problem("probe or lifecycle host", [Containers(names, $"{(names.Length == 1 ? "uses" : "use")} probe or lifecycle {(hosts.Count == 1 ? "host" : "hosts")} {Quoted(hosts)}")]);
    }

    private static IEnumerable<JsonObject?> Handlers(JsonObject container) =>
        [container.Child("livenessProbe"), container.Child("readinessProbe"), container.Child("startupProbe"), container.Child("lifecycle", "postStart"), container.Child("lifecycle", "preStop")];

    private static PodSecurityProblem? Privileged(CheckedPod pod) =>
        Problem("privileged", [Containers(pod.Where(c => c.Flag("privileged") == true), "must not set securityContext.privileged=true")]);

    private static PodSecurityProblem? ProcMount(CheckedPod pod)
    {
        if (pod.Minor >= 35 && pod.Spec.Flag("hostUsers") == false)
        {
            return null;
        }

        var forbidden = new SortedSet<string>(StringComparer.Ordinal);
        var names = pod.Where(c => c.Text("procMount") is { Length: > 0 } and not "Default" && forbidden.Add(c.Text("procMount")) | true);
        return Problem("procMount", [Containers(names, $"must not set securityContext.procMount to {Quoted(forbidden)}")]);
    }

    private static PodSecurityProblem? SELinux(CheckedPod pod)
    {
        var types = new SortedSet<string>(StringComparer.Ordinal);
        var (hasUser, hasRole) = (false, false);
        bool IsForbidden(JsonObject? context)
        {
            var options = context.Child("seLinuxOptions");
            var (type, user, role) = (options.Text("type"), options.Text("user"), options.Text("role"));
            var isBadType = !SELinuxTypes.Any(t => t.Name == type && t.Since <= pod.Minor);
            if (isBadType)
            {
                types.Add(type);
            }

            hasUser |= user.Length > 0;
            hasRole |= role.Length > 0;
            return isBadType || user.Length > 0 || role.Length > 0;
        }

        var inPod = IsForbidden(pod.Security);
        var names = pod.Where(IsForbidden);
        if (!inPod && names.Length == 0)
        {
            return null;
        }

        string[] what = [.. types.Count > 0 ? [$"{(types.Count == 1 ? "type" : "types")} {Quoted(types)}"] : Array.Empty<string>(), .. hasUser ? ["user may not be set"] : Array.Empty<string>(), .. hasRole ? ["role may not be set"] : Array.Empty<string>()];
        return new("seLinuxOptions", $"{PodAnd(inPod, names, "set forbidden securityContext.seLinuxOptions")}: {string.Join("; ", what)}");
    }

    private static PodSecurityProblem? Seccomp(CheckedPod pod)
    {
        var names = pod.Where(c => c.Child("seccompProfile").Text("type") == "Unconfined");
        return Problem("seccompProfile", [PodAnd(pod.Security.Child("seccompProfile").Text("type") == "Unconfined", names, "must not set securityContext.seccompProfile.type to \"Unconfined\"")]);
    }

    private static PodSecurityProblem? Sysctls(CheckedPod pod)
    {
        var forbidden = pod.Security.Items("sysctls").Select(s => s.Text("name")).Where(n => !SafeSysctls.Any(s => s.Name == n && s.Since <= pod.Minor)).ToArray();
        return forbidden.Length == 0 ? null : new("forbidden sysctls", string.Join(", ", forbidden));
    }

    private static PodSecurityProblem? WindowsHostProcess(CheckedPod pod) => Problem(
        "hostProcess",
        [PodAnd(pod.Security.Child("windowsOptions").Flag("hostProcess") == true, pod.Where(c => c.Child("windowsOptions").Flag("hostProcess") == true), "must not set securityContext.windowsOptions.hostProcess=true")]);
}
