using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>Endpoints (upstream's ValidateEndpoints).</summary>
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

    public override void Validate(EncodedObject obj, FieldErrors errors) => Subsets(obj.Read<Endpoints>().Subsets, errors);

    /// <summary>Subsets that stay as they are were good once.</summary>
    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<Endpoints>().Subsets, old.Read<Endpoints>().Subsets);
        if (!now.SequenceEqual(before))
        {
            Subsets(now, errors);
        }
    }

    private static void Subsets(IReadOnlyList<EndpointSubset> subsets, FieldErrors errors)
    {
        for (var i = 0; i < subsets.Count; i++)
        {
            var (subset, path) = (subsets[i], $"subsets[{i}]");
            if (subset.Addresses.Count == 0 && subset.NotReadyAddresses.Count == 0)
            {
                errors.Required(path, "must specify `addresses` or `notReadyAddresses`");
            }

            Addresses(subset.Addresses, path + ".addresses", errors);
            Addresses(subset.NotReadyAddresses, path + ".notReadyAddresses", errors);
            for (var j = 0; j < subset.Ports.Count; j++)
            {
                Port(subset.Ports[j], needsName: subset.Ports.Count > 1, $"{path}.ports[{j}]", errors);
            }
        }
    }

    private static void Addresses(IReadOnlyList<EndpointAddress> addresses, string path, FieldErrors errors)
    {
        for (var i = 0; i < addresses.Count; i++)
        {
            var (address, at) = (addresses[i], $"{path}[{i}]");
            errors.LegacyAddress(at + ".ip", address.IP);
            if (address.Hostname.Length > 0)
            {
                errors.Names(at + ".hostname", address.Hostname, NameValidation.Dns1123Label(address.Hostname));
            }

            if (address.NodeName is { } node)
            {
                errors.Names(at + ".nodeName", node, NameValidation.Dns1123Subdomain(node));
            }

            EndpointAddresses.Reachable(address.IP, at + ".ip", errors);
        }
    }

    private static void Port(EndpointPort port, bool needsName, string path, FieldErrors errors)
    {
        if (needsName && port.Name.Length == 0)
        {
            errors.Required(path + ".name", "");
        }
        else if (port.Name.Length > 0)
        {
            errors.Names(path + ".name", port.Name, NameValidation.Dns1123Label(port.Name));
        }

        errors.Port(path + ".port", port.Port);
        errors.OneOf(path + ".protocol", port.Protocol, "SCTP", "TCP", "UDP");
        if (port.AppProtocol is { } protocol)
        {
            errors.Names(path + ".appProtocol", protocol, NameValidation.QualifiedName(protocol));
        }
    }
}
