using System.Net;
using System.Net.Sockets;
using System.Numerics;
using Kobune.ControllerManager.Metrics;

namespace Kobune.ControllerManager.NodeIpam;

/// <summary>Equal parts of one range, given out in turn so that a part just freed is not given at once again. Not safe for several threads.</summary>
internal sealed class CidrPool
{
    private const int MaxParts = 1 << 16; // upstream's limit for the difference between the two masks is 16 bits
    private readonly BigInteger _first;
    private readonly int _addressBits;
    private readonly int _partPrefix;
    private readonly int _parts;
    private readonly HashSet<int> _used = [];
    private readonly string _range;
    private readonly NodeMetrics _metrics;
    private int _next;

    public CidrPool(string range, int partPrefix, NodeMetrics metrics)
    {
        var network = IPNetwork.Parse(range);
        _addressBits = network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (partPrefix < network.PrefixLength || partPrefix > _addressBits)
        {
            throw new ArgumentException($"The range {range} cannot be cut into parts of /{partPrefix}.", nameof(partPrefix));
        }

        Family = network.BaseAddress.AddressFamily;
        _partPrefix = partPrefix;
        _first = new BigInteger(network.BaseAddress.GetAddressBytes(), isUnsigned: true, isBigEndian: true);
        _parts = (int)BigInteger.Min(BigInteger.One << (partPrefix - network.PrefixLength), MaxParts);
        (_range, _metrics) = (network.ToString(), metrics);
        _metrics.RangeIs(_range, 0, _parts);
    }

    public AddressFamily Family { get; }

    /// <summary>A free part, or null when all are taken.</summary>
    public string? Take()
    {
        for (var i = 0; i < _parts; i++)
        {
            var index = (_next + i) % _parts;
            if (_used.Add(index))
            {
                _next = (index + 1) % _parts;
                Taken(i);
                return Text(index);
            }
        }

        return null;
    }

    /// <summary>Marks all parts that a range has something of as taken. False when it has none of this range.</summary>
    public bool Occupy(string part)
    {
        if (IndexesOf(part) is not var (first, last))
        {
            return false;
        }

        for (var index = first; index <= last; index++)
        {
            if (_used.Add(index))
            {
                Taken(tries: null);
            }
        }

        return true;
    }

    /// <summary>Gives a part back.</summary>
    public void Release(string part)
    {
        var (first, last) = IndexesOf(part) ?? (0, -1);
        for (var index = first; index <= last; index++)
        {
            if (_used.Remove(index))
            {
                _metrics.PartReleased(_range);
                _metrics.RangeIs(_range, _used.Count, _parts);
            }
        }
    }

    private void Taken(int? tries)
    {
        _metrics.PartTaken(_range, tries);
        _metrics.RangeIs(_range, _used.Count, _parts);
    }

    /// <summary>The parts that a range has something of, which may be larger or smaller than one: nodes keep theirs when the size of parts is another one.</summary>
    private (int First, int Last)? IndexesOf(string part)
    {
        if (!IPNetwork.TryParse(part, out var network) || network.BaseAddress.AddressFamily != Family)
        {
            return null;
        }

        var start = new BigInteger(network.BaseAddress.GetAddressBytes(), isUnsigned: true, isBigEndian: true) - _first;
        var end = start + (BigInteger.One << (_addressBits - network.PrefixLength)) - 1;
        var (first, last) = (start >> (_addressBits - _partPrefix), end >> (_addressBits - _partPrefix));
        return last < 0 || first >= _parts ? null : ((int)BigInteger.Max(first, 0), (int)BigInteger.Min(last, _parts - 1));
    }

    private string Text(int index)
    {
        var value = _first + (new BigInteger(index) << (_addressBits - _partPrefix));
        Span<byte> bytes = stackalloc byte[_addressBits / 8];
        bytes.Clear();
        var raw = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        raw.CopyTo(bytes[(bytes.Length - raw.Length)..]);
        return new IPAddress(bytes) + "/" + _partPrefix;
    }
}
