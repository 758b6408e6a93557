using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds;

/// <summary>Addresses that all programs read alike. Source: k8s.io/apimachinery, util/validation/ip.go.</summary>
internal static class StrictNetwork
{
    /// <summary>Upstream's IsValidIPForLegacyField: what was there before (<paramref name="known"/>) may stay as it was written.</summary>
    public static void LegacyAddress(this FieldErrors errors, string path, string value, IEnumerable<string>? known = null)
    {
        if (known?.Contains(value) != true && Problem(value) is { } problem)
        {
            errors.Invalid(path, value, problem);
        }
    }

    /// <summary>Upstream's IsValidIP: newer fields want the one form of an address.</summary>
    public static void Address(this FieldErrors errors, string path, string value)
    {
        if (Problem(value) is { } problem)
        {
            errors.Invalid(path, value, problem);
        }
        else if (LooseNetwork.Address(value)!.ToString() is var canonical && canonical != value)
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

    private static string? Problem(string value) =>
        value.Contains('[', StringComparison.Ordinal) || LooseNetwork.Address(value) is not { } address ? "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
        : HasLeadingZero(value) ? "must not have leading 0s"
        : address.IsIPv4MappedToIPv6 ? "must not be an IPv4-mapped IPv6 address"
        : null;
}
