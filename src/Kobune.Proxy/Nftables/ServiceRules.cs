using System.Net;
using System.Security.Cryptography;
using System.Text;
using Kobune.Proxy.Services;

namespace Kobune.Proxy.Nftables;

/// <summary>
/// Turns the ports of a Service into elements and chains. Chains by protocol and number of endpoints are shared by all Services; only session affinity and
/// source ranges need chains of their own. Upstream: pkg/proxy/nftables/proxier.go.
/// </summary>
internal sealed class ServiceRules(NftFamily family, IReadOnlyList<string> clusterCIDRs, IReadOnlyList<IPAddress> nodePortIPs)
{
    private const int MaxChainName = 110;
    private readonly string _ip = family.Table;

    public NftFragment Build(IReadOnlyList<ServicePortModel> ports)
    {
        var fragment = new NftFragment();
        foreach (var port in ports)
        {
            AddInternal(fragment, port);
            AddExternal(fragment, port);
            AddHairpins(fragment, port);
        }

        return fragment;
    }

    private void AddInternal(NftFragment fragment, ServicePortModel port)
    {
        fragment.Elements[(NftBase.ClusterIPs, port.ClusterIP.ToString())] = "";
        var endpoints = port.InternalLocal ? port.Local : port.Cluster;
        AddFrontend(fragment, port, port.ClusterIP, port.Port, endpoints, port.Cluster.Count == 0, () => "goto " + InternalChain(fragment, port, endpoints));
        AddEndpoints(fragment, port, NftBase.Endpoints(port.Protocol), port.ClusterIP, port.Port, endpoints);
    }

    private void AddExternal(NftFragment fragment, ServicePortModel port)
    {
        foreach (var address in port.ExternalIPs)
        {
            AddExternal(fragment, port, address, port.Port, guarded: false);
        }

        foreach (var address in port.LoadBalancerIPs.Where(a => !a.Equals(port.ClusterIP)))
        {
            AddExternal(fragment, port, address, port.Port, guarded: port.SourceRanges.Count > 0);
        }

        if (port.NodePort > 0)
        {
            foreach (var address in nodePortIPs)
            {
                AddExternal(fragment, port, address, port.NodePort, guarded: false);
            }
        }
    }

    private void AddExternal(NftFragment fragment, ServicePortModel port, IPAddress address, int number, bool guarded)
    {
        var endpoints = port.ExternalLocal ? port.Local : port.Cluster;
        var reachable = port.ExternalLocal ? port.Cluster : endpoints; // pods and this node may go anywhere even with policy Local
        AddFrontend(fragment, port, address, number, reachable, port.Cluster.Count == 0, () => "goto " + (guarded ? Guard(fragment, port) : ExternalChain(fragment, port)));
        AddEndpoints(fragment, port, NftBase.Endpoints(port.Protocol), address, number, port.Cluster);
        if (port.ExternalLocal)
        {
            AddEndpoints(fragment, port, NftBase.LocalEndpoints(port.Protocol), address, number, port.Local);
        }
    }

    /// <summary>A frontend without any endpoint is rejected; one whose endpoints are all elsewhere (policy Local) is silent, as upstream.</summary>
    private static void AddFrontend(NftFragment fragment, ServicePortModel port, IPAddress address, int number, IReadOnlyList<EndpointModel> endpoints, bool none, Func<string> verdict)
    {
        var key = $"{address} . {port.Protocol} . {number}";
        if (endpoints.Count > 0)
        {
            fragment.Elements[(NftBase.Services, key)] = verdict();
        }
        else
        {
            fragment.Elements[(NftBase.Refused, key)] = none ? "goto " + NftBase.RejectChain : "drop";
        }

        if (port.Protocol != "tcp")
        {
            fragment.Flows.Add(new(port.Protocol, address, number, null));
            foreach (var endpoint in endpoints)
            {
                fragment.Flows.Add(new(port.Protocol, address, number, endpoint.Address));
            }
        }
    }

    private static void AddEndpoints(NftFragment fragment, ServicePortModel port, string map, IPAddress address, int number, IReadOnlyList<EndpointModel> endpoints)
    {
        if (port.AffinitySeconds > 0)
        {
            return; // its chains name the endpoints themselves
        }

        for (var i = 0; i < endpoints.Count; i++)
        {
            fragment.Elements[(map, $"{address} . {number} . {i}")] = $"{endpoints[i].Address} . {endpoints[i].Port}";
        }
    }

    private static void AddHairpins(NftFragment fragment, ServicePortModel port)
    {
        foreach (var endpoint in port.Cluster)
        {
            if (endpoint.Local)
            {
                fragment.Elements[(NftBase.Hairpins, $"{endpoint.Address} . {endpoint.Address}")] = "";
            }
        }
    }

    /// <summary>A tunnel makes the cluster IP the load balancer's address too: then it stays the cluster IP it was, and source ranges guard it against senders outside.</summary>
    private string InternalChain(NftFragment fragment, ServicePortModel port, IReadOnlyList<EndpointModel> endpoints)
    {
        var balancer = Balancer(fragment, port, endpoints, local: port.InternalLocal, NftBase.Endpoints(port.Protocol));
        if (port.SourceRanges.Count == 0 || !port.LoadBalancerIPs.Contains(port.ClusterIP))
        {
            return balancer;
        }

        var name = ChainName("guard", port);
        var outside = clusterCIDRs.Count > 0 ? $"{_ip} saddr != {{ {string.Join(", ", clusterCIDRs)} }} " : "";
        fragment.Chains[name] = $"{outside}fib saddr type != local {_ip} saddr != {{ {string.Join(", ", port.SourceRanges)} }} drop\ngoto {balancer}";
        return name;
    }

    /// <summary>The chain that sends to one of these endpoints.</summary>
    private string Balancer(NftFragment fragment, ServicePortModel port, IReadOnlyList<EndpointModel> endpoints, bool local, string map)
    {
        if (port.AffinitySeconds > 0)
        {
            return AffinityChain(fragment, port, endpoints, local);
        }

        var name = $"{(map == NftBase.Endpoints(port.Protocol) ? "cluster" : "local")}-{port.Protocol}-{endpoints.Count}";
        fragment.Chains[name] = $"meta l4proto {port.Protocol} dnat to {_ip} daddr . {port.Protocol} dport . numgen random mod {endpoints.Count} map @{map}";
        return name;
    }

    private string AffinityChain(NftFragment fragment, ServicePortModel port, IReadOnlyList<EndpointModel> endpoints, bool local)
    {
        var name = ChainName(local ? "local" : "service", port);
        var rules = new List<string>();
        var picks = new List<string>();
        foreach (var endpoint in endpoints)
        {
            var target = NftFamily.Endpoint(endpoint.Address, endpoint.Port);
            var chain = ChainName("endpoint", port, target);
            var set = ChainName("affinity", port, target);
            fragment.Sets[set] = $"type {family.AddressType}; flags dynamic,timeout; timeout {port.AffinitySeconds}s;";
            fragment.Chains[chain] = $"update @{set} {{ {_ip} saddr }}\nmeta l4proto {port.Protocol} dnat to {target}";
            rules.Add($"{_ip} saddr @{set} goto {chain}");
            picks.Add($"{picks.Count} : goto {chain}");
        }

        rules.Add($"numgen random mod {endpoints.Count} vmap {{ {string.Join(", ", picks)} }}");
        fragment.Chains[name] = string.Join('\n', rules);
        return name;
    }

    /// <summary>Traffic from outside: masqueraded, so that answers come back through this node; with policy Local it keeps its source and stays here.</summary>
    private string ExternalChain(NftFragment fragment, ServicePortModel port)
    {
        var cluster = Balancer(fragment, port, port.Cluster, local: false, NftBase.Endpoints(port.Protocol));
        if (!port.ExternalLocal)
        {
            var name = "external-" + cluster;
            fragment.Chains[name] = $"{NftBase.MarkForMasquerade}\ngoto {cluster}";
            return name;
        }

        var local = port.Local.Count == 0 ? null : Balancer(fragment, port, port.Local, local: true, NftBase.LocalEndpoints(port.Protocol));
        var chain = $"external-{cluster}-{local ?? "none"}";
        if (chain.Length > MaxChainName)
        {
            chain = ChainName("external", port);
        }

        List<string> rules =
        [
            $"fib saddr type local {NftBase.MarkForMasquerade} goto {cluster}",
            local is null ? "drop" : "goto " + local,
        ];
        if (clusterCIDRs.Count > 0)
        {
            rules.Insert(0, $"{_ip} saddr {{ {string.Join(", ", clusterCIDRs)} }} goto {cluster}");
        }

        fragment.Chains[chain] = string.Join('\n', rules);
        return chain;
    }

    private string Guard(NftFragment fragment, ServicePortModel port)
    {
        var name = ChainName("firewall", port);
        fragment.Chains[name] = $"{_ip} saddr != {{ {string.Join(", ", port.SourceRanges)} }} drop\ngoto {ExternalChain(fragment, port)}";
        return name;
    }

    /// <summary>"service-3b5gx2af-default/web/tcp/http": a hash that makes it unique and a name for people, cut to what the kernel takes.</summary>
    private static string ChainName(string prefix, ServicePortModel port, string endpoint = "")
    {
        var readable = $"{port.Service}/{port.Protocol}/{port.PortName}";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(readable + "|" + endpoint)).AsSpan(0, 5));
        var name = endpoint.Length == 0 ? $"{prefix}-{hash}-{readable}" : $"{prefix}-{hash}-{readable}__{endpoint.Trim('[').Replace("]:", "/", StringComparison.Ordinal).Replace(':', endpoint.StartsWith('[') ? '.' : '/')}";
        return name.Length <= MaxChainName ? name : name[..MaxChainName];
    }
}
