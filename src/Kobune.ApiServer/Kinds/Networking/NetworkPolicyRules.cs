using Kobune.Api.Core.V1;
using Kobune.Api.Networking.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Networking;

/// <summary>What a network policy's spec must be (upstream's ValidateNetworkPolicySpec).</summary>
/// <param name="AnyValues">Nobody looks at the values of selectors: the policy had bad ones before.</param>
/// <param name="Known">Ranges that the policy had before: wherever they are now, they may stay as they are written.</param>
/// <param name="Errors">Where problems go.</param>
internal sealed record NetworkPolicyRules(bool AnyValues, IReadOnlyCollection<string> Known, FieldErrors Errors)
{
    private static readonly string[] Types = ["Ingress", "Egress"];

    public void Check(NetworkPolicySpec spec)
    {
        Errors.Selector("spec.podSelector", spec.PodSelector, AnyValues);
        for (var i = 0; i < spec.Ingress.Count; i++)
        {
            Rule(spec.Ingress[i].Ports, spec.Ingress[i].From, $"spec.ingress[{i}]", "from");
        }

        for (var i = 0; i < spec.Egress.Count; i++)
        {
            Rule(spec.Egress[i].Ports, spec.Egress[i].To, $"spec.egress[{i}]", "to");
        }

        if (spec.PolicyTypes.Count > 2)
        {
            Errors.Invalid("spec.policyTypes", spec.PolicyTypes, "may not specify more than two policyTypes");
            return;
        }

        for (var i = 0; i < spec.PolicyTypes.Count; i++)
        {
            if (!Types.Contains(spec.PolicyTypes[i]))
            {
                Errors.NotSupported($"spec.policyTypes[{i}]", spec.PolicyTypes[i], Types);
            }
        }
    }

    private void Rule(IReadOnlyList<NetworkPolicyPort> ports, IReadOnlyList<NetworkPolicyPeer> peers, string path, string direction)
    {
        for (var i = 0; i < ports.Count; i++)
        {
            Port(ports[i], $"{path}.ports[{i}]");
        }

        for (var i = 0; i < peers.Count; i++)
        {
            Peer(peers[i], $"{path}.{direction}[{i}]");
        }
    }

    private void Port(NetworkPolicyPort port, string path)
    {
        if (port.Protocol is not (null or "TCP" or "UDP" or "SCTP"))
        {
            Errors.NotSupported(path + ".protocol", port.Protocol, ["TCP", "UDP", "SCTP"]);
        }

        switch (port)
        {
            case { Port: null, EndPort: { } end }:
                Errors.Invalid(path + ".endPort", end, "may not be specified when `port` is not specified");
                break;
            case { Port: { IsString: true }, EndPort: { } end }:
                Errors.Invalid(path + ".endPort", end, "may not be specified when `port` is non-numeric");
                Errors.PortNumberOrName(path + ".port", port.Port.Value);
                break;
            case { Port: { } first }:
                Errors.PortNumberOrName(path + ".port", first);
                Last(first.IntValue, port.EndPort, path + ".endPort");
                break;
        }
    }

    private void Last(int first, int? last, string path)
    {
        if (last is not { } end)
        {
            return;
        }

        if (end < first)
        {
            Errors.Invalid(path, first, "must be greater than or equal to `port`"); // upstream shows the port
        }

        Errors.Port(path, end);
    }

    private void Peer(NetworkPolicyPeer peer, string path)
    {
        Errors.Selector(path + ".podSelector", peer.PodSelector, AnyValues);
        Errors.Selector(path + ".namespaceSelector", peer.NamespaceSelector, AnyValues);
        if (peer.IPBlock is { } block)
        {
            Block(block, path + ".ipBlock");
        }

        if (peer.PodSelector is null && peer.NamespaceSelector is null && peer.IPBlock is null)
        {
            Errors.Required(path, "must specify a peer");
        }
        else if (peer.IPBlock is not null && (peer.PodSelector is not null || peer.NamespaceSelector is not null))
        {
            Errors.Forbidden(path, "may not specify both ipBlock and another peer");
        }
    }

    private void Block(IPBlock block, string path)
    {
        if (block.CIDR.Length == 0)
        {
            Errors.Required(path + ".cidr", "");
            return;
        }

        Errors.LegacyCidr(path + ".cidr", block.CIDR, Known);
        if (LooseNetwork.Parse(block.CIDR) is not var (_, network))
        {
            return;
        }

        for (var i = 0; i < block.Except.Count; i++)
        {
            Errors.LegacyCidr($"{path}.except[{i}]", block.Except[i], Known);
            if (LooseNetwork.Parse(block.Except[i]) is var (_, hole) && (!network.Contains(hole.BaseAddress) || hole.PrefixLength <= network.PrefixLength))
            {
                Errors.Invalid($"{path}.except[{i}]", block.Except[i], "must be a strict subset of `cidr`");
            }
        }
    }
}
