using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds;

/// <summary>Addresses and ranges that all programs read alike. Older fields want them so only with the feature StrictIPCIDRValidation. Source: k8s.io/apimachinery, util/validation/ip.go.</summary>
internal static class StrictNetwork
{
    private const string Gate = "StrictIPCIDRValidation";

    /// <summary>Upstream's IsValidIPForLegacyField: what was there before (<paramref name="known"/>) may stay as it was written.</summary>
    public static void LegacyAddress(this FieldErrors errors, string path, string value, IEnumerable<string>? known = null)
    {
        if (known?.Contains(value) != true && Problem(value, errors.Features.IsEnabled(Gate)) is { } problem)
        {
            errors.Invalid(path, value, problem);
        }
    }

    /// <summary>Upstream's IsValidCIDRForLegacyField: a range that was there before may stay as well.</summary>
    public static void LegacyCidr(this FieldErrors errors, string path, string value, IEnumerable<string>? known = null)
    {
        if (known?.Contains(value) != true && CidrProblem(value, errors.Features.IsEnabled(Gate)) is { } problem)
        {
            errors.Invalid(path, value, problem);
        }
    }

    /// <summary>Upstream's IsValidIP: newer fields want the one form of an address.</summary>
    public static void Address(this FieldErrors errors, string path, string value)
    {
        if (Problem(value, isStrict: true) is { } problem)
        {
            errors.Invalid(path, value, problem);
        }
        else if (LooseNetwork.Address(value)!.ToString() is var canonical && canonical != value)
        {
            errors.Invalid(path, value, $"must be in canonical form (\"{canonical}\")");
        }
    }

    /// <summary>Upstream's IsValidCIDR: the one form of a range.</summary>
    public static void Cidr(this FieldErrors errors, string path, string value)
    {
        if (CidrProblem(value, isStrict: true) is { } problem)
        {
            errors.Invalid(path, value, problem);
        }
        else if (LooseNetwork.Parse(value)!.Value.Network.ToString() is var canonical && canonical != value)
        {
            errors.Invalid(path, value, $"must be in canonical form (\"{canonical}\")");
        }
    }

    /// <summary>Whether a number of an IPv4 address, also of one at the end of an IPv6 address, has zeros in front: some programs read that as octal.</summary>
    public static bool HasLeadingZero(string address)
    {
        var last = address[(address.LastIndexOf(':') + 1)..];
        return last.Contains('.', StringComparison.Ordinal) && last.Split('.').Any(part => part is ['0', _, ..]);
    }

    /// <summary>The same of a range, whose length counts as well.</summary>
    public static bool CidrHasLeadingZero(string range) => range.Split('/') is [var address, var length] && (length is ['0', _, ..] || HasLeadingZero(address));

    private static string? Problem(string value, bool isStrict) =>
        value.Contains('[', StringComparison.Ordinal) || LooseNetwork.Address(value) is not { } address ? "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
        : !isStrict ? null
        : HasLeadingZero(value) ? "must not have leading 0s"
        : address.IsIPv4MappedToIPv6 ? "must not be an IPv4-mapped IPv6 address"
        : null;

    private static string? CidrProblem(string value, bool isStrict) =>
        value.Contains('[', StringComparison.Ordinal) || LooseNetwork.Parse(value) is not var (address, network) ? "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
        : !isStrict ? null
        : CidrHasLeadingZero(value) ? "must not have leading 0s in IP or prefix length"
        : address.IsIPv4MappedToIPv6 ? "must not have an IPv4-mapped IPv6 address"
        : !network.BaseAddress.Equals(address) ? "must not have bits set beyond the prefix length"
        : null;
}
