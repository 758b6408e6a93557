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

    /// <summary>Marks a part as taken. False when it is not a part of this range.</summary>
    public bool Occupy(string part)
    {
        if (IndexOf(part) is not { } index)
        {
            return false;
        }

        if (_used.Add(index))
        {
            Taken(tries: null);
        }

        return true;
    }

    /// <summary>Gives a part back.</summary>
    public void Release(string part)
    {
        if (IndexOf(part) is { } index && _used.Remove(index))
        {
            _metrics.PartReleased(_range);
            _metrics.RangeIs(_range, _used.Count, _parts);
        }
    }

    private void Taken(int? tries)
    {
        _metrics.PartTaken(_range, tries);
        _metrics.RangeIs(_range, _used.Count, _parts);
    }

    private int? IndexOf(string part)
    {
        if (!IPNetwork.TryParse(part, out var network) || network.BaseAddress.AddressFamily != Family || network.PrefixLength != _partPrefix)
        {
            return null;
        }

        var index = (new BigInteger(network.BaseAddress.GetAddressBytes(), isUnsigned: true, isBigEndian: true) - _first) >> (_addressBits - _partPrefix);
        return index >= 0 && index < _parts ? (int)index : null;
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
