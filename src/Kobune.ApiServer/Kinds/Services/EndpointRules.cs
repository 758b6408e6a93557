using System.Net.Sockets;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>One endpoint and one port of an endpoint slice. Source: pkg/apis/discovery/validation.</summary>
internal static class EndpointRules
{
    private const int MaxAddresses = 100;
    private const int MaxTopology = 16;
    private const int MaxHints = 8;

    /// <summary><paramref name="known"/>: addresses that the slice had before.</summary>
    public static void Validate(Api.Discovery.V1.Endpoint endpoint, string type, IReadOnlySet<string> known, string path, FieldErrors errors)
    {
        if (endpoint.Addresses.Count == 0)
        {
            errors.Required(path + ".addresses", "must contain at least 1 address");
        }
        else if (endpoint.Addresses.Count > MaxAddresses)
        {
            errors.TooMany(path + ".addresses", endpoint.Addresses.Count, MaxAddresses);
        }

        for (var i = 0; i < endpoint.Addresses.Count; i++)
        {
            Address(endpoint.Addresses[i], type, known, $"{path}.addresses[{i}]", errors);
        }

        if (endpoint.NodeName is { } node)
        {
            errors.Names(path + ".nodeName", node, NameValidation.Dns1123Subdomain(node));
        }

        if (endpoint.DeprecatedTopology.Count > MaxTopology)
        {
            errors.TooMany(path + ".deprecatedTopology", endpoint.DeprecatedTopology.Count, MaxTopology);
        }

        errors.Labels(path + ".deprecatedTopology", endpoint.DeprecatedTopology);
        if (endpoint.Hostname is { } host)
        {
            errors.Names(path + ".hostname", host, NameValidation.Dns1123Label(host));
        }

        if (endpoint.Hints is { } hints)
        {
            Hints(hints, path + ".hints", errors);
        }
    }

    /// <summary><paramref name="names"/>: those of the ports before.</summary>
    public static void Port(EndpointPort port, HashSet<string> names, string path, FieldErrors errors)
    {
        if (port.Name is { Length: > 0 } name)
        {
            errors.Names(path + ".name", name, NameValidation.Dns1123Label(name));
        }

        if (!names.Add(port.Name ?? ""))
        {
            errors.Duplicate(path + ".name", port.Name);
        }

        errors.OneOf(path + ".protocol", port.Protocol ?? "", "SCTP", "TCP", "UDP");
        if (port.AppProtocol is { } protocol)
        {
            errors.Names(path + ".appProtocol", protocol, NameValidation.QualifiedName(protocol));
        }
    }

    private static void Address(string address, string type, IReadOnlySet<string> known, string path, FieldErrors errors)
    {
        if (type == "FQDN")
        {
            errors.Names(path, address, NameValidation.Dns1123Subdomain(address));
        }
        else if (type is "IPv4" or "IPv6") // nobody looks at addresses of other types
        {
            EndpointAddresses.Validate(address, path, errors, known);
            if (LooseNetwork.Address(address) is { IsIPv4MappedToIPv6: false } parsed && (parsed.AddressFamily == AddressFamily.InterNetworkV6) != (type == "IPv6"))
            {
                errors.Invalid(path, address, $"must be an {type} address");
            }
        }
    }

    /// <summary>Nobody looks at the nodes of an endpoint that is for too many zones.</summary>
    private static void Hints(EndpointHints hints, string path, FieldErrors errors)
    {
        Hints([.. hints.ForZones.Select(z => z.Name)], NameValidation.LabelValue, path + ".forZones", errors);
        if (hints.ForZones.Count <= MaxHints)
        {
            Hints([.. hints.ForNodes.Select(n => n.Name)], NameValidation.Dns1123Subdomain, path + ".forNodes", errors);
        }
    }

    private static void Hints(IReadOnlyList<string> names, Func<string, IReadOnlyList<string>> rule, string path, FieldErrors errors)
    {
        if (names.Count > MaxHints)
        {
            errors.TooMany(path, names.Count, MaxHints);
            return;
        }

        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
        {
            if (!known.Add(names[i]))
            {
                errors.Duplicate($"{path}[{i}].name", names[i]);
            }

            errors.Names($"{path}[{i}].name", names[i], rule(names[i]));
        }
    }
}
