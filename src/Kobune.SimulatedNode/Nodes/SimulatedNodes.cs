using System.Collections.Concurrent;
using Kobune.Api.Core.V1;
using Kobune.Client;

namespace Kobune.SimulatedNode.Nodes;

/// <summary>The set of simulated nodes: numbers, addresses, clients under the nodes' own identities, pools of pod addresses.</summary>
internal sealed class SimulatedNodes
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Cidr, AddressPool Pool)> _pools = new();
    private readonly IClient[] _clients;
    private readonly ConcurrentDictionary<string, bool> _stopped = new(StringComparer.Ordinal);

    public SimulatedNodes(SimulatedNodeOptions options, IClientFactory clients)
    {
        _clients = new IClient[options.Count];
        for (var i = 0; i < options.Count; i++)
        {
            _numbers[options.NameOf(i)] = i;
            _clients[i] = clients.For("system:node:" + options.NameOf(i));
        }
    }

    public bool Has(string name) => _numbers.ContainsKey(name);

    public bool IsRunning(string name) => !_stopped.ContainsKey(name);

    public int NumberOf(string name) => _numbers[name];

    public void SetRunning(string name, bool isRunning)
    {
        if (!Has(name))
        {
            throw new ArgumentException($"There is no simulated node {name}", nameof(name));
        }

        if (isRunning)
        {
            _stopped.TryRemove(name, out _);
        }
        else
        {
            _stopped[name] = true;
        }
    }

    public IClient ClientOf(string name) => _clients[_numbers[name]];

    /// <summary>172.16.0.0/12 holds a million nodes.</summary>
    public static string AddressOf(int number) => $"172.{16 + (number >> 16)}.{(number >> 8) & 255}.{number & 255}";

    public string AddressOf(string name) => AddressOf(_numbers[name] + 1);

    /// <summary>The pool of a node, null while the cluster has not given it a range.</summary>
    public AddressPool? PoolOf(Node? node)
    {
        if (node is null || node.Spec.PodCIDR.Length == 0 || node.Spec.PodCIDR.Contains(':', StringComparison.Ordinal))
        {
            return null;
        }

        var cidr = node.Spec.PodCIDR;
        return _pools.AddOrUpdate(node.Metadata.Name, _ => (cidr, new(cidr)), (_, old) => old.Cidr == cidr ? old : (cidr, new(cidr))).Pool;
    }

    public void Release(string node, string uid)
    {
        if (_pools.TryGetValue(node, out var entry))
        {
            entry.Pool.Release(uid);
        }
    }
}
