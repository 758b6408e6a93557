using System.Net;
using System.Numerics;

namespace Kobune.ControllerManager.LoadBalancers;

/// <summary>Ranges of addresses for LoadBalancer Services: "192.168.49.100-192.168.49.120", "192.168.49.128/28" or a single address.</summary>
internal sealed class AddressPools
{
    private readonly IReadOnlyList<(BigInteger First, BigInteger Last, int Length)> _ranges;

    private AddressPools(IReadOnlyList<(BigInteger, BigInteger, int)> ranges) => _ranges = ranges;

    public static AddressPools None { get; } = new([]);

    public bool IsEmpty => _ranges.Count == 0;

    /// <summary>Reads ranges; what cannot be read is left out.</summary>
    public static AddressPools Parse(IEnumerable<string> texts) => new([.. texts.Select(Range).OfType<(BigInteger, BigInteger, int)>()]);

    public bool Contains(IPAddress address)
    {
        var value = Value(address);
        var length = address.GetAddressBytes().Length;
        return _ranges.Any(r => r.Length == length && r.First <= value && value <= r.Last);
    }

    /// <summary>The first address of a family that nobody has; null when all are taken.</summary>
    public IPAddress? FirstFree(bool v6, IReadOnlySet<IPAddress> taken)
    {
        foreach (var (first, last, length) in _ranges.Where(r => r.Length == (v6 ? 16 : 4)))
        {
            for (var value = first; value <= last; value++)
            {
                var address = Address(value, length);
                if (!taken.Contains(address))
                {
                    return address;
                }
            }
        }

        return null;
    }

    private static (BigInteger, BigInteger, int)? Range(string text)
    {
        var ends = text.Split('-', StringSplitOptions.TrimEntries);
        if (ends.Length == 2 && IPAddress.TryParse(ends[0], out var first) && IPAddress.TryParse(ends[1], out var last) && first.AddressFamily == last.AddressFamily)
        {
            return (Value(first), Value(last), first.GetAddressBytes().Length);
        }

        if (IPAddress.TryParse(text.Trim(), out var single))
        {
            return (Value(single), Value(single), single.GetAddressBytes().Length);
        }

        if (IPNetwork.TryParse(text.Trim(), out var network))
        {
            var length = network.BaseAddress.GetAddressBytes().Length;
            var start = Value(network.BaseAddress);
            return (start, start + (BigInteger.One << ((length * 8) - network.PrefixLength)) - 1, length);
        }

        return null;
    }

    private static BigInteger Value(IPAddress address) => new(address.GetAddressBytes(), isUnsigned: true, isBigEndian: true);

    private static IPAddress Address(BigInteger value, int length)
    {
        var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return new([.. new byte[length - bytes.Length], .. bytes]);
    }
}
