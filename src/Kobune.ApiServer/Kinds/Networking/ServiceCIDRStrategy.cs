using System.Globalization;
using Kobune.Api;
using Kobune.Api.Networking.V1;
using Kobune.ApiServer.Registry;

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
            errors.Cidr(string.Create(CultureInfo.InvariantCulture, $"{Path}[{i}]"), spec.CIDRs[i]);
        }
    }

    private static bool IsOfBothFamilies(IReadOnlyList<string> ranges) =>
        LooseNetwork.Parse(ranges[0]) is var (first, _) && LooseNetwork.Parse(ranges[1]) is var (second, _) && first.AddressFamily != second.AddressFamily;
}
