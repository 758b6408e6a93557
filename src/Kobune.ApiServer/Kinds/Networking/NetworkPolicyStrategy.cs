using System.Net;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Networking.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Networking;

/// <summary>Network policies.</summary>
internal sealed class NetworkPolicyStrategy : KindStrategy
{
    private static readonly string[] IngressOnly = ["Ingress"];
    private static readonly string[] Both = ["Ingress", "Egress"];

    public override (string Group, string Resource) Resource => ("networking.k8s.io", "networkpolicies");

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Need("spec");
        if (spec.Array("policyTypes") is null or { Count: 0 })
        {
            spec["policyTypes"] = (spec.Array("egress") is { Count: > 0 } ? Both : IngressOnly).ToJsonArray();
        }

        foreach (var port in spec.Items("ingress").Concat(spec.Items("egress")).SelectMany(r => r.Items("ports")))
        {
            port.DefaultEmpty("protocol", "TCP");
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var spec = obj.Read<NetworkPolicy>().Spec;
        errors.Selector("spec.podSelector", spec.PodSelector);
        for (var i = 0; i < spec.Ingress.Count; i++)
        {
            Rule(spec.Ingress[i].Ports, spec.Ingress[i].From, $"spec.ingress[{i}]", "from", errors);
        }

        for (var i = 0; i < spec.Egress.Count; i++)
        {
            Rule(spec.Egress[i].Ports, spec.Egress[i].To, $"spec.egress[{i}]", "to", errors);
        }

        if (spec.PolicyTypes.Count > 2)
        {
            errors.Invalid("spec.policyTypes", spec.PolicyTypes, "may not specify more than two policyTypes");
            return;
        }

        for (var i = 0; i < spec.PolicyTypes.Count; i++)
        {
            errors.OneOfOrEmpty($"spec.policyTypes[{i}]", spec.PolicyTypes[i], "Egress", "Ingress");
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors) => Validate(obj, errors);

    private static void Rule(IReadOnlyList<NetworkPolicyPort> ports, IReadOnlyList<NetworkPolicyPeer> peers, string path, string direction, FieldErrors errors)
    {
        for (var i = 0; i < ports.Count; i++)
        {
            Port(ports[i], $"{path}.ports[{i}]", errors);
        }

        for (var i = 0; i < peers.Count; i++)
        {
            Peer(peers[i], $"{path}.{direction}[{i}]", errors);
        }
    }

    private static void Port(NetworkPolicyPort port, string path, FieldErrors errors)
    {
        errors.OneOfOrEmpty(path + ".protocol", port.Protocol, "SCTP", "TCP", "UDP");
        if (port.Port is not { } number)
        {
            if (port.EndPort is not null)
            {
                errors.Invalid(path + ".endPort", port.EndPort, "may not be specified when `port` is not specified");
            }

            return;
        }

        errors.PortNumberOrName(path + ".port", number);
        if (port.EndPort is not { } end)
        {
            return;
        }

        if (number.IsString)
        {
            errors.Invalid(path + ".endPort", end, "may not be specified when `port` is non-numeric");
        }
        else if (end < number.IntValue)
        {
            errors.Invalid(path + ".endPort", end, "must be greater than or equal to `port`");
        }
        else
        {
            errors.Port(path + ".endPort", end);
        }
    }

    private static void Peer(NetworkPolicyPeer peer, string path, FieldErrors errors)
    {
        errors.Selector(path + ".podSelector", peer.PodSelector);
        errors.Selector(path + ".namespaceSelector", peer.NamespaceSelector);
        if (peer.PodSelector is null && peer.NamespaceSelector is null && peer.IPBlock is null)
        {
            errors.Required(path, "must specify a peer");
        }
        else if (peer.IPBlock is not null && (peer.PodSelector is not null || peer.NamespaceSelector is not null))
        {
            errors.Forbidden(path, "may not specify both ipBlock and another peer");
        }
        else if (peer.IPBlock is { } block)
        {
            Block(block, path + ".ipBlock", errors);
        }
    }

    private static void Block(IPBlock block, string path, FieldErrors errors)
    {
        if (block.CIDR.Length == 0)
        {
            errors.Required(path + ".cidr", "");
            return;
        }

        if (!IPNetwork.TryParse(block.CIDR, out var network))
        {
            errors.Invalid(path + ".cidr", block.CIDR, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            return;
        }

        for (var i = 0; i < block.Except.Count; i++)
        {
            if (!IPNetwork.TryParse(block.Except[i], out var hole))
            {
                errors.Invalid($"{path}.except[{i}]", block.Except[i], "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            }
            else if (!network.Contains(hole.BaseAddress) || hole.PrefixLength <= network.PrefixLength)
            {
                errors.Invalid($"{path}.except[{i}]", block.Except[i], $"must be a strict subset of `cidr`");
            }
        }
    }
}
