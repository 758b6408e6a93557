namespace Kobune.Machine.Host;

/// <summary>
/// The kernel's br_netfilter: it shows packets between two ports of a bridge to the rules of Services. Without it the answer of a pod to another one on its node goes straight over
/// the bridge, past the rule that must give it the Service's address again, and the one that asked waits for ever. Kernels load it for nobody by themselves (kubeadm wants it loaded, too).
/// </summary>
public static class BridgeFilter
{
    private const string Folder = "/proc/sys/net/bridge";
    private static readonly string[] Settings = ["bridge-nf-call-iptables", "bridge-nf-call-ip6tables", "bridge-nf-call-arptables"];

    /// <summary>Whether it is there, as a module or built in.</summary>
    public static bool IsLoaded => Directory.Exists(Folder);

    /// <summary>Loads it where it is a module. The host's own bridges stay as they were: only machines switch it on, each for its own network.</summary>
    public static Task EnsureAsync(CancellationToken ct) =>
        EnsureAsync(Folder, () => Programs.Find("modprobe") is null ? Task.CompletedTask : Programs.TryRunAsync("modprobe", ["br_netfilter"], null, ct), ct);

    internal static async Task EnsureAsync(string folder, Func<Task> load, CancellationToken ct)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        await load();
        foreach (var setting in Settings.Select(name => Path.Combine(folder, name)).Where(File.Exists))
        {
            await File.WriteAllTextAsync(setting, "0", ct);
        }
    }
}
