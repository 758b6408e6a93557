using System.Net;

namespace Kobune.Proxy;

/// <summary>Which of a node's addresses serve node ports. Source: pkg/proxy/util, NodePortAddresses.</summary>
internal static class NodePortChoice
{
    /// <summary>"primary" is the first address; anything else a range; without any, all addresses.</summary>
    public static IReadOnlyList<IPAddress> Of(IReadOnlyList<IPAddress> addresses, IReadOnlyList<string> wanted)
    {
        if (wanted.Count == 0)
        {
            return addresses;
        }

        if (wanted is ["primary"])
        {
            return [.. addresses.Take(1)];
        }

        var ranges = wanted.Select(w => IPNetwork.Parse(w)).ToArray();
        return [.. addresses.Where(a => ranges.Any(r => r.Contains(a)))];
    }
}
