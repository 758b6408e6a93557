using System.Text;
using Kobune.Kubelet.Registry;

namespace Kobune.Cli.Images;

/// <summary>The builder's registries.conf: short names are Docker Hub's, as for Kubernetes; mirrors and insecure registries are the cluster's. Pure.</summary>
internal static class BuildRegistries
{
    public static string Text(IReadOnlyList<string> mirrors, IReadOnlyList<string> insecure)
    {
        var text = new StringBuilder("unqualified-search-registries = [\"docker.io\"]\nshort-name-mode = \"permissive\"\n");
        if (mirrors.Count > 0)
        {
            text.Append("\n[[registry]]\nprefix = \"docker.io\"\nlocation = \"docker.io\"\n");
            foreach (var mirror in mirrors)
            {
                text.Append("[[registry.mirror]]\nlocation = \"").Append(RegistryHosts.HostOf(mirror)).Append("\"\ninsecure = ").Append(IsPlain(mirror, insecure) ? "true\n" : "false\n");
            }
        }

        foreach (var host in insecure.Where(i => RegistryHosts.NetworkOf(i) is null).Select(RegistryHosts.HostOf).Distinct(StringComparer.Ordinal))
        {
            text.Append("\n[[registry]]\nlocation = \"").Append(host).Append("\"\ninsecure = true\n");
        }

        return text.ToString();
    }

    private static bool IsPlain(string mirror, IReadOnlyList<string> insecure) =>
        mirror.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || insecure.Any(i => RegistryHosts.HostOf(i) == RegistryHosts.HostOf(mirror));
}
