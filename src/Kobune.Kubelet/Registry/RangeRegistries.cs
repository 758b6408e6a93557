using System.Net;
using Kobune.Kubelet.Images;

namespace Kobune.Kubelet.Registry;

/// <summary>Writes the hosts.toml of a registry in an insecure range when an image of it is first asked for.</summary>
/// <param name="ranges">The ranges.</param>
/// <param name="folder">containerd's folder.</param>
/// <param name="view">"http://127.0.0.1:10055".</param>
/// <param name="time">The clock.</param>
public sealed class RangeRegistries(InsecureRanges ranges, RegistryHostsFolder folder, string view, TimeProvider time)
{
    /// <summary>Says to containerd how the registry of an image is spoken to, unless a file says so already.</summary>
    /// <param name="image">"10.96.3.4:5000/app:1".</param>
    /// <param name="ct">Cancels.</param>
    public async Task PrepareAsync(string image, CancellationToken ct)
    {
        if (ImageName.HostOf(image) is { } host && !folder.Has(host) && await ranges.ContainsAsync(host, (name, end) => Dns.GetHostAddressesAsync(name, end), time, ct))
        {
            folder.Write(host, RegistryHosts.Insecure(view, host));
        }
    }
}
