using System.Net;
using System.Net.Sockets;
using System.Text;
using Kobune.Proxy.Commands;
using Microsoft.Extensions.Logging;

namespace Kobune.Proxy.VirtualAddresses;

/// <summary>
/// Puts kept addresses on the node's link, so that the kernel answers for them on the network; the rules for Services take the packets before any
/// program of the node could. Marked by a label, by which a later process finds what an earlier one left.
/// </summary>
internal sealed partial class NodeAddresses(IReadOnlyList<IPAddress> nodeIPs, CommandRunner commands, ILogger logger)
{
    private readonly Dictionary<string, IReadOnlyList<IPAddress>> _wanted = [];
    private readonly HashSet<IPAddress> _there = [];
    private string? _link;
    private bool _cleaned;

    /// <summary>Notes what a Service wants of this node.</summary>
    public void Set(string service, IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.Count == 0)
        {
            _wanted.Remove(service);
        }
        else
        {
            _wanted[service] = addresses;
        }
    }

    /// <summary>Adds and removes what differs. False when `ip` refused.</summary>
    public async Task<bool> ApplyAsync(CancellationToken ct)
    {
        var wanted = _wanted.Values.SelectMany(a => a).ToHashSet();
        if (_cleaned && wanted.SetEquals(_there))
        {
            return true;
        }

        _link ??= await LinkAsync(ct);
        if (_link is not { } link)
        {
            return true; // a node without a network link of its own has nobody to answer
        }

        var batch = new StringBuilder();
        if (!_cleaned)
        {
            await commands.RunAsync(["ip", "-4", "address", "flush", "dev", link, "label", Label(link)], "", ct);
        }

        foreach (var address in _there.Except(wanted))
        {
            batch.Append($"address del {address}/32 dev {link}\n");
        }

        foreach (var address in wanted.Except(_there))
        {
            batch.Append($"address replace {address}/32 dev {link} label {Label(link)}\n");
        }

        var (code, output) = batch.Length == 0 ? (0, "") : await commands.RunAsync(["ip", "-batch", "-"], batch.ToString(), ct);
        if (code != 0)
        {
            LogRefused(output.Trim());
            _cleaned = false;
            _there.Clear();
            return false;
        }

        _cleaned = true;
        _there.Clear();
        _there.UnionWith(wanted);
        return true;
    }

    private static string Label(string link) => link + ":lb";

    // "3: eth0    inet 192.168.49.2/24 brd ..."
    private async Task<string?> LinkAsync(CancellationToken ct)
    {
        if (nodeIPs.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) is not { } own)
        {
            return null;
        }

        var (code, output) = await commands.RunAsync(["ip", "-o", "-4", "address", "show", "to", own.ToString()], "", ct);
        return code == 0 && output.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var link, ..] ? link : null;
    }

    [LoggerMessage(LogLevel.Error, "Addresses of load balancers cannot be put on the node: {Output}")]
    private partial void LogRefused(string output);
}
