using System.Globalization;
using System.Net;
using Kobune.Api;
using Kobune.Api.Addressing;
using Kobune.Api.Networking.V1;
using Kobune.ApiServer.Registry;
using IPAddress = System.Net.IPAddress;

namespace Kobune.ApiServer.Kinds.Networking;

/// <summary>ServiceCIDRs: one range, or one of each family. They stay as they are, but one of a single family may be given the other (upstream's ValidateServiceCIDR and its update).</summary>
internal sealed class ServiceCIDRStrategy : KindStrategy
{
    private const string Path = "spec.cidrs";
    private const int Most = 2;

    public override (string Group, string Resource) Resource => ("networking.k8s.io", "servicecidrs");

    public override void Validate(EncodedObject obj, FieldErrors errors) => Check(obj.Read<ServiceCIDR>().Spec, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource.Length > 0)
        {
            return;
        }

        var (now, before) = (obj.Read<ServiceCIDR>().Spec, old.Read<ServiceCIDR>().Spec);
        if (now.CIDRs.Count == before.CIDRs.Count)
        {
            Kept(now, before, errors);
        }
        else if (before.CIDRs.Count == 1 && now.CIDRs.Count == Most)
        {
            Kept(now, before, errors);
            Check(now, errors);
        }
        else
        {
            errors.Invalid(Path, now.CIDRs, FieldRules.Immutable);
        }
    }

    private static void Kept(ServiceCIDRSpec now, ServiceCIDRSpec before, FieldErrors errors)
    {
        for (var i = 0; i < before.CIDRs.Count; i++)
        {
            if (now.CIDRs[i] != before.CIDRs[i])
            {
                errors.Invalid(string.Create(CultureInfo.InvariantCulture, $"{Path}[{i}]"), now.CIDRs[i], FieldRules.Immutable);
            }
        }
    }

    private static void Check(ServiceCIDRSpec spec, FieldErrors errors)
    {
        if (spec.CIDRs.Count == 0)
        {
            errors.Required(Path, "at least one CIDR required");
            return;
        }

        if (spec.CIDRs.Count > Most)
        {
            errors.Invalid(Path, spec, "may only hold up to 2 values");
            return;
        }

        if (spec.CIDRs.Count == Most && !IsOfBothFamilies(spec.CIDRs))
        {
            errors.Invalid(Path, spec, "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
            return;
        }

        for (var i = 0; i < spec.CIDRs.Count; i++)
        {
            if (Problem(spec.CIDRs[i]) is { } problem)
            {
                errors.Invalid(string.Create(CultureInfo.InvariantCulture, $"{Path}[{i}]"), spec.CIDRs[i], problem);
            }
        }
    }

    private static bool IsOfBothFamilies(IReadOnlyList<string> ranges) =>
        Loose(ranges[0]) is { } first && Loose(ranges[1]) is { } second && ServiceRange.FamilyOf(first) != ServiceRange.FamilyOf(second);

    private static IPAddress? Loose(string range) => range.Split('/') is [var address, var length] && int.TryParse(length, CultureInfo.InvariantCulture, out _) && IPAddress.TryParse(address, out var parsed) ? parsed : null;

    /// <summary>What is wrong with a range (upstream's strict IsValidCIDR, and its canonical form).</summary>
    private static string? Problem(string range)
    {
        if (Loose(range) is not { } address || range.Contains('%', StringComparison.Ordinal) || !IsLength(range, address, out var length))
        {
            return "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
        }

        if (HasLeadingZero(range))
        {
            return "must not have leading 0s in IP or prefix length";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return "must not have an IPv4-mapped IPv6 address";
        }

        if (!IPNetwork.TryParse($"{address}/{length}", out var network) || !network.BaseAddress.Equals(address))
        {
            return "must not have bits set beyond the prefix length";
        }

        return network.ToString() == range ? null : $"must be in canonical form (\"{network}\")";
    }

    private static bool IsLength(string range, IPAddress address, out int length) =>
        int.TryParse(range.AsSpan(range.IndexOf('/', StringComparison.Ordinal) + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length)
        && length <= address.GetAddressBytes().Length * 8
        && (range.Contains(':', StringComparison.Ordinal) || range.Split('.').Length == 4);

    private static bool HasLeadingZero(string range) => range.Split('/') is var parts && (parts[1] is ['0', _, ..] || StrictNetwork.HasLeadingZero(parts[0]));
}
