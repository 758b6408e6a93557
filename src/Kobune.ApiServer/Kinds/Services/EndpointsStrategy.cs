using System.Net;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Features;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>Endpoints.</summary>
internal sealed class EndpointsStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("", "endpoints");

    public override void ApplyDefaults(JsonObject obj)
    {
        foreach (var port in obj.Items("subsets").SelectMany(s => s.Items("ports")))
        {
            port.DefaultEmpty("protocol", "TCP");
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var subsets = obj.Read<Endpoints>().Subsets;
        for (var i = 0; i < subsets.Count; i++)
        {
            var (subset, path) = (subsets[i], $"subsets[{i}]");
            if (subset.Addresses.Count == 0 && subset.NotReadyAddresses.Count == 0)
            {
                errors.Required(path, "must specify `addresses` or `notReadyAddresses`");
            }

            for (var j = 0; j < subset.Addresses.Count; j++)
            {
                EndpointAddresses.Validate(subset.Addresses[j].IP, $"{path}.addresses[{j}].ip", errors);
            }

            for (var j = 0; j < subset.NotReadyAddresses.Count; j++)
            {
                EndpointAddresses.Validate(subset.NotReadyAddresses[j].IP, $"{path}.notReadyAddresses[{j}].ip", errors);
            }

            for (var j = 0; j < subset.Ports.Count; j++)
            {
                var port = subset.Ports[j];
                if (subset.Ports.Count > 1 && port.Name.Length == 0)
                {
                    errors.Required($"{path}.ports[{j}].name", "");
                }
                else if (port.Name.Length > 0)
                {
                    errors.Names($"{path}.ports[{j}].name", port.Name, NameValidation.Dns1123Label(port.Name));
                }

                errors.Port($"{path}.ports[{j}].port", port.Port);
                errors.OneOf($"{path}.ports[{j}].protocol", port.Protocol, "SCTP", "TCP", "UDP");
            }
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors) => Validate(obj, errors);
}

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

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var slice = obj.Read<EndpointSlice>();
        errors.OneOf("addressType", slice.AddressType, "FQDN", "IPv4", "IPv6");
        if (slice.Endpoints.Count > MaxEndpoints)
        {
            errors.TooMany("endpoints", slice.Endpoints.Count, MaxEndpoints);
        }

        for (var i = 0; slice.Endpoints.Count <= MaxEndpoints && i < slice.Endpoints.Count; i++)
        {
            EndpointRules.Validate(slice.Endpoints[i], slice.AddressType, $"endpoints[{i}]", errors);
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
        Validate(obj, errors);
        errors.Same("addressType", obj.Read<EndpointSlice>().AddressType, old.Read<EndpointSlice>().AddressType);
    }
}

/// <summary>Addresses that may be reached through a Service.</summary>
internal static class EndpointAddresses
{
    public static void Validate(string value, string path, FieldErrors errors)
    {
        var problems = NameValidation.IpAddress(value);
        errors.Names(path, value, problems);
        if (problems.Count > 0 || !IPAddress.TryParse(value, out var address))
        {
            return;
        }

        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            errors.Invalid(path, value, $"may not be unspecified ({value})");
        }

        if (IPAddress.IsLoopback(address))
        {
            errors.Invalid(path, value, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }

        var bytes = address.GetAddressBytes();
        if (address.IsIPv6LinkLocal || (bytes.Length == 4 && bytes[0] == 169 && bytes[1] == 254))
        {
            errors.Invalid(path, value, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }

        if (bytes.Length == 4 && bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0)
        {
            errors.Invalid(path, value, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
    }
}
