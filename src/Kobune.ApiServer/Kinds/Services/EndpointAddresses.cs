using System.Net;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>Addresses that may be reached through a Service.</summary>
internal static class EndpointAddresses
{
    /// <summary>An address in one of its forms, and then what it is. <paramref name="known"/> were there before and may stay as they were written.</summary>
    public static void Validate(string value, string path, FieldErrors errors, IEnumerable<string>? known = null)
    {
        var before = errors.Items.Count;
        errors.LegacyAddress(path, value, known);
        if (errors.Items.Count == before)
        {
            Reachable(value, path, errors);
        }
    }

    /// <summary>Upstream's ValidateEndpointIP.</summary>
    public static void Reachable(string value, string path, FieldErrors errors)
    {
        if (LooseNetwork.Address(value) is not { } address)
        {
            errors.Invalid(path, value, "must be a valid IP address");
            return;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            errors.Invalid(path, value, $"may not be unspecified ({value})");
        }

        if (IPAddress.IsLoopback(address))
        {
            errors.Invalid(path, value, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }

        var bytes = address.GetAddressBytes();
        if (address.IsIPv6LinkLocal || bytes is [169, 254, _, _])
        {
            errors.Invalid(path, value, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }

        if (bytes is [224, 0, 0, _] || (bytes is [0xff, var scope, _, _, _, ..] && (scope & 0x0f) == 2))
        {
            errors.Invalid(path, value, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
    }
}
