using System.Collections.Concurrent;
using System.Net;

namespace Kobune.Dns.Zones;

/// <summary>
/// The Services and namespaces that names are made of. Entries are immutable and replaced one by one while lookups run; a lookup never
/// waits. One writer at a time.
/// </summary>
internal sealed class ClusterZone
{
    private readonly ConcurrentDictionary<(string Namespace, string Name), ZoneService> _services = new();
    private readonly ConcurrentDictionary<IPAddress, (string Namespace, string Name)> _clusterIPs = new();
    private readonly ConcurrentDictionary<IPAddress, IReadOnlyList<(ZoneService Service, string Label)>> _endpoints = new();
    private readonly ConcurrentDictionary<string, bool> _namespaces = new(StringComparer.Ordinal);

    /// <summary>Bumped by every change; the serial of the zone.</summary>
    public uint Serial { get; private set; } = 1;

    public bool HasNamespace(string name) => _namespaces.ContainsKey(name);

    public ZoneService? Find(string ns, string name) => _services.GetValueOrDefault((ns, name));

    /// <summary>Whether a pod of a namespace has an address; null as long as that is not known. Set when names of pods are to be verified.</summary>
    public Func<string, IPAddress, bool?> HasPod { get; set; } = static (_, _) => null;

    /// <summary>The Service that owns a cluster IP.</summary>
    public ZoneService? FindByClusterIP(IPAddress address) =>
        _clusterIPs.TryGetValue(address, out var key) ? _services.GetValueOrDefault(key) : null;

    /// <summary>Endpoints with a hostname at an address.</summary>
    public IReadOnlyList<(ZoneService Service, string Label)> FindEndpoints(IPAddress address) => _endpoints.GetValueOrDefault(address, []);

    public void AddNamespace(string name)
    {
        _namespaces[name] = true;
        Serial++;
    }

    public void RemoveNamespace(string name)
    {
        _namespaces.TryRemove(name, out _);
        Serial++;
    }

    /// <summary>Puts a Service in place of what was known under its name.</summary>
    public void Set(ZoneService service)
    {
        var key = (service.Namespace, service.Name);
        var old = _services.GetValueOrDefault(key);
        _services[key] = service;
        foreach (var address in service.ClusterIPs)
        {
            _clusterIPs[address] = key;
        }

        Unindex(old, service.ClusterIPs);
        IndexEndpoints(service);
        Serial++;
    }

    public void Remove(string ns, string name)
    {
        if (_services.TryRemove((ns, name), out var old))
        {
            Unindex(old, []);
            Serial++;
        }
    }

    private void Unindex(ZoneService? old, IReadOnlyList<IPAddress> keep)
    {
        if (old is null)
        {
            return;
        }

        foreach (var address in old.ClusterIPs)
        {
            if (!keep.Contains(address))
            {
                _clusterIPs.TryRemove(new(address, (old.Namespace, old.Name))); // unless another Service took it meanwhile
            }
        }

        foreach (var endpoint in old.Endpoints)
        {
            if (endpoint.HasHostname && _endpoints.TryGetValue(endpoint.Address, out var list))
            {
                Replace(endpoint.Address, [.. list.Where(e => !ReferenceEquals(e.Service, old))]);
            }
        }
    }

    private void IndexEndpoints(ZoneService service)
    {
        foreach (var endpoint in service.Endpoints)
        {
            if (endpoint.HasHostname)
            {
                Replace(endpoint.Address, [.. FindEndpoints(endpoint.Address), (service, endpoint.Label)]);
            }
        }
    }

    private void Replace(IPAddress address, IReadOnlyList<(ZoneService Service, string Label)> list)
    {
        if (list.Count == 0)
        {
            _endpoints.TryRemove(address, out _);
        }
        else
        {
            _endpoints[address] = list;
        }
    }
}
