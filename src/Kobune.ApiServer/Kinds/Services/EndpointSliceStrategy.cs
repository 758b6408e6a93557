using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Features;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>Endpoint slices.</summary>
internal sealed class EndpointSliceStrategy : KindStrategy
{
    private const int MaxEndpoints = 1000;
    private const int MaxPorts = 20_000;

    public override (string Group, string Resource) Resource => ("discovery.k8s.io", "endpointslices");

    public override void ApplyDefaults(JsonObject obj)
    {
        foreach (var port in obj.Items("ports"))
        {
            port.Default("name", "");
            port.DefaultEmpty("protocol", "TCP");
        }
    }

    public override void PrepareForCreate(StrategyContext context, JsonObject obj) => DropTopology(obj, null);

    public override void PrepareForUpdate(StrategyContext context, JsonObject obj, JsonObject old, string subresource)
    {
        if (!JsonNode.DeepEquals(obj["endpoints"], old["endpoints"]))
        {
            DropTopology(obj, old);
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<EndpointSlice>(), null, errors);

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features)
    {
        var slice = obj.Read<EndpointSlice>();
        return
        [
            .. slice.AddressType == "FQDN" && old is null ? ["addressType: FQDN endpoints are deprecated"] : (string[])[],
            .. slice.Endpoints.SelectMany((e, i) => slice.AddressType == "FQDN" ? [] : e.Addresses.SelectMany((a, j) => AddressWarnings.OfIP(a, $"endpoints[{i}].addresses[{j}]"))),
        ];
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<EndpointSlice>(), old.Read<EndpointSlice>());
        Validate(now, before, errors);
        errors.Same("addressType", now.AddressType, before.AddressType);
    }

    /// <summary>The topology of endpoints was of v1beta1: v1 takes none, and makes the node's name of what it finds in an older slice (upstream: dropTopologyOnV1).</summary>
    private static void DropTopology(JsonObject obj, JsonObject? old)
    {
        HashSet<string> known = [.. old.Items("endpoints").Select(HostOf)];
        foreach (var endpoint in obj.Items("endpoints"))
        {
            if (!endpoint.Has("nodeName") && HostOf(endpoint) is { Length: > 0 } host && known.Contains(host) && NameValidation.Dns1123Subdomain(host).Count == 0)
            {
                endpoint["nodeName"] = host;
            }

            endpoint.Remove("deprecatedTopology");
        }
    }

    private static string HostOf(JsonObject endpoint) => endpoint.Child("deprecatedTopology").Text("kubernetes.io/hostname");

    private static void Validate(EndpointSlice slice, EndpointSlice? old, FieldErrors errors)
    {
        HashSet<string> known = [.. old?.Endpoints.SelectMany(e => e.Addresses) ?? []];
        errors.OneOf("addressType", slice.AddressType, "FQDN", "IPv4", "IPv6");
        if (slice.Endpoints.Count > MaxEndpoints)
        {
            errors.TooMany("endpoints", slice.Endpoints.Count, MaxEndpoints);
        }

        for (var i = 0; slice.Endpoints.Count <= MaxEndpoints && i < slice.Endpoints.Count; i++)
        {
            EndpointRules.Validate(slice.Endpoints[i], slice.AddressType, known, $"endpoints[{i}]", errors);
        }

        if (slice.Ports.Count > MaxPorts)
        {
            errors.TooMany("ports", slice.Ports.Count, MaxPorts);
            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < slice.Ports.Count; i++)
        {
            EndpointRules.Port(slice.Ports[i], names, $"ports[{i}]", errors);
        }
    }
}
