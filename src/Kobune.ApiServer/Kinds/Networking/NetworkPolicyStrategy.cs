using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Features;
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

    public override void Validate(EncodedObject obj, FieldErrors errors) => new NetworkPolicyRules(AnyValues: false, [], errors).Check(obj.Read<NetworkPolicy>().Spec);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var before = old.Read<NetworkPolicy>().Spec;
        string[] known = [.. Peers(before).Select(p => p.IPBlock).OfType<IPBlock>().SelectMany(b => b.Except.Append(b.CIDR))];
        var probe = new FieldErrors();
        probe.Selector("", before.PodSelector);
        new NetworkPolicyRules(AnyValues: probe.Items.Count > 0, known, errors).Check(obj.Read<NetworkPolicy>().Spec);
    }

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

    private static IEnumerable<NetworkPolicyPeer> Peers(NetworkPolicySpec spec) => spec.Ingress.SelectMany(r => r.From).Concat(spec.Egress.SelectMany(r => r.To));
}
