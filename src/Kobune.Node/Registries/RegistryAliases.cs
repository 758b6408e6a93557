using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Kubelet.Registry;

namespace Kobune.Node.Registries;

/// <summary>
/// The addon "registry-aliases" on a node: further names of the addon registry, for containerd (example.org/NAME is pulled from there) and in the node's
/// /etc/hosts. Its end takes both away.
/// </summary>
internal sealed class RegistryAliases(IReadOnlyList<string> names, InformerFactory informers, RegistryHostsFolder folder, string view, string server, string hostsFile) : IComponent
{
    /// <summary>Its name, and that of its ConfigMap.</summary>
    public const string Addon = "registry-aliases";

    /// <summary>The names of a cluster whose owner chose none: minikube's.</summary>
    public const string DefaultNames = "example.org example.com test.com test.org";

    public string Name => Addon;

    /// <summary>The names that a settings text gives.</summary>
    public static IReadOnlyList<string> NamesOf(string settings)
    {
        char[] separators = [',', ' ', '\n', '\t'];
        var words = settings.Split(separators, StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 ? [.. words.Distinct(StringComparer.Ordinal)] : DefaultNames.Split(' ');
    }

    public async Task RunAsync(CancellationToken ct)
    {
        var written = names.Where(n => folder.Write(n, RegistryHosts.Alias(view, server))).ToList();
        using var wake = new SemaphoreSlim(1);
        var services = informers.For<Service>(RegistryAddon.Namespace, fieldSelector: "metadata.name=" + RegistryAddon.Addon);
        using var subscription = services.Subscribe(_ => wake.Release());
        try
        {
            await services.Synced.WaitAsync(ct);
            while (true)
            {
                await wake.WaitAsync(ct);
                WriteHosts(services.Cache.Find(RegistryAddon.Namespace, RegistryAddon.Addon)?.Spec.ClusterIP);
            }
        }
        finally
        {
            written.ForEach(folder.Remove);
            WriteHosts(null);
        }
    }

    private void WriteHosts(string? address)
    {
        var text = File.Exists(hostsFile) ? File.ReadAllText(hostsFile) : "";
        var changed = MarkedLines.Append(text, Addon, string.IsNullOrEmpty(address) ? [] : [.. names.Select(n => $"{address}\t{n}")]);
        if (changed != text)
        {
            File.WriteAllText(hostsFile, changed); // in place: a container may have it mounted
        }
    }
}
