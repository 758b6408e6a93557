using System.Net.Sockets;
using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.NodeIpam;

/// <summary>Gives each node its part of the pod ranges. Source: pkg/controller/nodeipam/ipam/range_allocator.go.</summary>
internal sealed class NodeIpamReconciler : IReconciler
{
    private readonly Lock _lock = new(); // node events and the worker meet at the pools
    private readonly List<CidrPool> _pools;
    private readonly ICache<Node> _nodes;
    private readonly IClient _client;
    private readonly IEventRecorder _events;

    public NodeIpamReconciler(ICache<Node> nodes, IClient client, IEventRecorder events, ControllerManagerOptions options)
    {
        _nodes = nodes;
        _client = client;
        _events = events;
        _pools = [.. options.ClusterCidrs.Select(range => new CidrPool(range, range.Contains(':', StringComparison.Ordinal) ? options.NodeCidrMaskSizeIPv6 : options.NodeCidrMaskSize, options.Metrics.Nodes))];
    }

    /// <summary>Keeps the pools true to what nodes hold. Called before the key of the node is queued.</summary>
    public void Observe(Change<Node> change)
    {
        lock (_lock)
        {
            if (change.New is { } node)
            {
                Each(node, (pool, part) => pool.Occupy(part));
            }
            else
            {
                Each(change.Old!, (pool, part) => pool.Release(part));
            }
        }
    }

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (_nodes.Find(key) is not { } node || node.Spec.PodCIDRs.Count > 0 || node.IsDeleting())
        {
            return ReconcileResult.Done;
        }

        var parts = Take();
        if (parts is null)
        {
            _events.Normal(node, "CIDRNotAvailable", $"Node {key.Name} status is now: CIDRNotAvailable");
            throw new InvalidOperationException($"No part of the pod ranges is left for node {key.Name}.");
        }

        try
        {
            var patch = new JsonObject { ["spec"] = new JsonObject { ["podCIDR"] = parts[0], ["podCIDRs"] = new JsonArray([.. parts.Select(p => (JsonNode)p)]) } };
            await _client.PatchAsync<Node>("", key.Name, Patch.Strategic(patch), null, ct);
        }
        catch (ApiException)
        {
            Release(parts); // a refusal means that nothing was written; after a broken connection it may have been, so the parts stay taken
            throw;
        }

        return ReconcileResult.Done;
    }

    private List<string>? Take()
    {
        lock (_lock)
        {
            var parts = new List<string>();
            foreach (var pool in _pools)
            {
                if (pool.Take() is not { } part)
                {
                    Release(parts);
                    return null;
                }

                parts.Add(part);
            }

            return parts;
        }
    }

    private void Release(List<string> parts)
    {
        lock (_lock)
        {
            parts.ForEach(part => _pools.ForEach(pool => pool.Release(part)));
        }
    }

    private void Each(Node node, Action<CidrPool, string> action)
    {
        foreach (var part in node.Spec.PodCIDRs)
        {
            var family = part.Contains(':', StringComparison.Ordinal) ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
            _pools.Where(p => p.Family == family).ToList().ForEach(p => action(p, part));
        }
    }
}
