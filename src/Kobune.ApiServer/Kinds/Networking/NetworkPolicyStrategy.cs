using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Features;
using Kobune.Api.Meta.V1;
using Kobune.Api.Networking.V1;
using Kobune.ApiServer.Kinds.Services;
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
            port.Default("protocol", "TCP"); // a pointer: an empty one is said, and refused
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<NetworkPolicy>().Spec, anyValues: false, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors) =>
        Validate(obj.Read<NetworkPolicy>().Spec, Selectors(old.Read<NetworkPolicy>().Spec).Any(FieldRules.HasInvalidValue), errors);

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features)
    {
        var spec = obj.Read<NetworkPolicy>().Spec;
        return
        [
            .. spec.Ingress.SelectMany((r, i) => Ambiguous(r.From, $"spec.ingress[{i}].from")),
            .. spec.Egress.SelectMany((r, i) => Ambiguous(r.To, $"spec.egress[{i}].to")),
        ];
    }

    private static IEnumerable<string> Ambiguous(IReadOnlyList<NetworkPolicyPeer> peers, string path) => peers.SelectMany((p, i) => p.IPBlock is not { } block ? (IEnumerable<string>)[] :
    [
        .. AddressWarnings.OfCidr(block.CIDR, $"{path}[{i}].ipBlock.cidr"),
        .. block.Except.SelectMany((e, j) => AddressWarnings.OfCidr(e, $"{path}[{i}].ipBlock.except[{j}]")),
    ]);

    private static IEnumerable<LabelSelector?> Selectors(NetworkPolicySpec spec) =>
    [
        spec.PodSelector,
        .. spec.Ingress.SelectMany(r => r.From).Concat(spec.Egress.SelectMany(r => r.To)).SelectMany(p => new[] { p.PodSelector, p.NamespaceSelector }),
    ];

    private static void Validate(NetworkPolicySpec spec, bool anyValues, FieldErrors errors)
    {
        errors.Selector("spec.podSelector", spec.PodSelector, anyValues);
        for (var i = 0; i < spec.Ingress.Count; i++)
        {
            Rule(spec.Ingress[i].Ports, spec.Ingress[i].From, $"spec.ingress[{i}]", "from", anyValues, errors);
        }

        for (var i = 0; i < spec.Egress.Count; i++)
        {
            Rule(spec.Egress[i].Ports, spec.Egress[i].To, $"spec.egress[{i}]", "to", anyValues, errors);
        }

        if (spec.PolicyTypes.Count > 2)
        {
            errors.Invalid("spec.policyTypes", spec.PolicyTypes, "may not specify more than two policyTypes");
            return;
        }

        for (var i = 0; i < spec.PolicyTypes.Count; i++)
        {
            if (!Both.Contains(spec.PolicyTypes[i]))
            {
                errors.NotSupported($"spec.policyTypes[{i}]", spec.PolicyTypes[i], Both);
            }
        }
    }

    private static void Rule(IReadOnlyList<NetworkPolicyPort> ports, IReadOnlyList<NetworkPolicyPeer> peers, string path, string direction, bool anyValues, FieldErrors errors)
    {
        for (var i = 0; i < ports.Count; i++)
        {
            Port(ports[i], $"{path}.ports[{i}]", errors);
        }

        for (var i = 0; i < peers.Count; i++)
        {
            Peer(peers[i], $"{path}.{direction}[{i}]", anyValues, errors);
        }
    }

    private static void Port(NetworkPolicyPort port, string path, FieldErrors errors)
    {
        if (port.Protocol is not (null or "TCP" or "UDP" or "SCTP"))
        {
            errors.NotSupported(path + ".protocol", port.Protocol, ["TCP", "UDP", "SCTP"]);
        }

        switch (port)
        {
            case { Port: null, EndPort: { } end }:
                errors.Invalid(path + ".endPort", end, "may not be specified when `port` is not specified");
                break;
            case { Port: { IsString: true }, EndPort: { } end }:
                errors.Invalid(path + ".endPort", end, "may not be specified when `port` is non-numeric");
                errors.PortNumberOrName(path + ".port", port.Port.Value);
                break;
            case { Port: { } first }:
                errors.PortNumberOrName(path + ".port", first);
                Last(first.IntValue, port.EndPort, path + ".endPort", errors);
                break;
        }
    }

    private static void Last(int first, int? last, string path, FieldErrors errors)
    {
        if (last is not { } end)
        {
            return;
        }

        if (end < first)
        {
            errors.Invalid(path, first, "must be greater than or equal to `port`"); // upstream shows the port
        }

        errors.Port(path, end);
    }

    private static void Peer(NetworkPolicyPeer peer, string path, bool anyValues, FieldErrors errors)
    {
        errors.Selector(path + ".podSelector", peer.PodSelector, anyValues);
        errors.Selector(path + ".namespaceSelector", peer.NamespaceSelector, anyValues);
        if (peer.IPBlock is { } block)
        {
            Block(block, path + ".ipBlock", errors);
        }

        if (peer.PodSelector is null && peer.NamespaceSelector is null && peer.IPBlock is null)
        {
            errors.Required(path, "must specify a peer");
        }
        else if (peer.IPBlock is not null && (peer.PodSelector is not null || peer.NamespaceSelector is not null))
        {
            errors.Forbidden(path, "may not specify both ipBlock and another peer");
        }
    }

    private static void Block(IPBlock block, string path, FieldErrors errors)
    {
        if (block.CIDR.Length == 0)
        {
            errors.Required(path + ".cidr", "");
            return;
        }

        errors.Cidr(path + ".cidr", block.CIDR);
        if (LooseNetwork.Parse(block.CIDR) is not var (_, network))
        {
            return;
        }

        for (var i = 0; i < block.Except.Count; i++)
        {
            errors.Cidr($"{path}.except[{i}]", block.Except[i]);
            if (LooseNetwork.Parse(block.Except[i]) is var (_, hole) && (!network.Contains(hole.BaseAddress) || hole.PrefixLength <= network.PrefixLength))
            {
                errors.Invalid($"{path}.except[{i}]", block.Except[i], "must be a strict subset of `cidr`");
            }
        }
    }
}
