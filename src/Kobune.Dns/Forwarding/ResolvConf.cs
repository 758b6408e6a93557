using System.Net;

namespace Kobune.Dns.Forwarding;

/// <summary>Name servers out of a resolv.conf.</summary>
public static class ResolvConf
{
    /// <summary>The port of name servers that name none.</summary>
    public const int DnsPort = 53;

    /// <summary>
    /// The name servers in their order. Loopback addresses are left out: in the node's network namespace a resolver at 127.0.0.53 is not
    /// there, and asking ourselves would loop.
    /// </summary>
    public static IReadOnlyList<IPEndPoint> Parse(string text)
    {
        var servers = new List<IPEndPoint>();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var words = line.Trim().ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var address, ..] && IPAddress.TryParse(address, out var ip) && !IPAddress.IsLoopback(ip) && !ip.Equals(IPAddress.Any) && !ip.Equals(IPAddress.IPv6Any))
            {
                servers.Add(new(ip, DnsPort));
            }
        }

        return [.. servers.Distinct()];
    }

    /// <summary>The name servers of a file; none when it cannot be read.</summary>
    public static IReadOnlyList<IPEndPoint> Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
