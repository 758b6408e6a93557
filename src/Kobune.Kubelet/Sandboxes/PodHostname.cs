using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Sandboxes;

/// <summary>The names of a pod inside itself (kubelet_pods.go).</summary>
internal static class PodHostname
{
    /// <summary>The host name and the domain; the domain is empty without a subdomain.</summary>
    internal static (string Hostname, string Domain) Compute(Pod pod, string clusterDomain)
    {
        var spec = pod.Spec;
        if (spec.HostnameOverride is { Length: > 0 } wanted)
        {
            return (wanted, "");
        }

        var hostname = spec.Hostname.Length > 0 ? spec.Hostname : Truncate(pod.Metadata.Name);
        var domain = spec.Subdomain.Length > 0 ? $"{spec.Subdomain}.{pod.Metadata.Namespace}.svc.{clusterDomain}" : "";
        return (hostname, domain);
    }

    /// <summary>What the kernel's host name becomes; empty leaves it to the runtime (host network).</summary>
    internal static string Kernel(Pod pod, string clusterDomain)
    {
        var (hostname, domain) = Compute(pod, clusterDomain);
        return pod.Spec.SetHostnameAsFQDN == true && domain.Length > 0 ? $"{hostname}.{domain}" : hostname;
    }

    private static string Truncate(string name) => name.Length <= 63 ? name : name[..63].TrimEnd('-', '.');
}
