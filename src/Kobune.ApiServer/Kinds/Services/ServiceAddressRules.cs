using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Services;

/// <summary>What a Service's cluster IPs and families must be among themselves, and may become. What the cluster has is not asked here. Source: pkg/apis/core/validation.</summary>
internal static class ServiceAddressRules
{
    private const string MayNotChange = "may not change once set";

    /// <summary>Upstream's ValidateServiceClusterIPsRelatedFields. <paramref name="known"/>: addresses that the Service had before.</summary>
    public static void Check(ServiceAddressing service, IReadOnlyList<string> known, FieldErrors errors)
    {
        if (service.IsExternalName)
        {
            return;
        }

        Agreement(service, errors);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < service.Families.Count; i++)
        {
            errors.OneOf($"spec.ipFamilies[{i}]", service.Families[i], ServiceAddressing.IPv4, ServiceAddressing.IPv6);
            if (!seen.Add(service.Families[i]))
            {
                errors.Duplicate($"spec.ipFamilies[{i}]", service.Families[i]);
            }
        }

        errors.OneOfGiven("spec.ipFamilyPolicy", service.Policy, ServiceAddressing.PreferDualStack, ServiceAddressing.RequireDualStack, ServiceAddressing.SingleStack);
        var areValid = AreAddresses(service, known, errors);
        if (service.ClusterIPs.Count > 2)
        {
            errors.Invalid("spec.clusterIPs", service.ClusterIPs, "may only hold up to 2 values");
        }

        if (areValid)
        {
            Families(service, errors);
        }
    }

    /// <summary>Addresses and families that were given stay, but the second ones may come and go (upstream's validateUpgradeDowngrade...).</summary>
    public static void CheckUpdate(ServiceAddressing now, ServiceAddressing before, FieldErrors errors)
    {
        if (now.IsExternalName || before.IsExternalName || (now.IsHeadless && before.IsHeadless))
        {
            return;
        }

        SameAddresses(now, before, errors);
        if (now.IsHeadless == before.IsHeadless)
        {
            SameFamilies(now, before, errors);
        }
    }

    private static void Agreement(ServiceAddressing service, FieldErrors errors)
    {
        if (service.ClusterIP.Length > 0 && service.ClusterIPs.Count == 0)
        {
            errors.Required("spec.clusterIPs", "");
        }
        else if (service.ClusterIP.Length > 0 && service.ClusterIPs[0] != service.ClusterIP)
        {
            errors.Invalid("spec.clusterIPs", service.ClusterIPs, "first value must match `clusterIP`");
        }
        else if (service.ClusterIP.Length == 0 && service.ClusterIPs.Count > 0)
        {
            errors.Invalid("spec.clusterIPs", service.ClusterIPs, "must be empty when `clusterIP` is not specified");
        }
    }

    private static bool AreAddresses(ServiceAddressing service, IReadOnlyList<string> known, FieldErrors errors)
    {
        var good = true;
        for (var i = 0; i < service.ClusterIPs.Count; i++)
        {
            if (i == 0 && service.ClusterIPs[0] == ServiceAddressing.None)
            {
                if (service.ClusterIPs.Count > 1)
                {
                    good = false;
                    errors.Invalid("spec.clusterIPs", service.ClusterIPs, "'None' must be the first and only value");
                }

                continue;
            }

            var before = errors.Items.Count;
            errors.LegacyAddress($"spec.clusterIPs[{i}]", service.ClusterIPs[i], known);
            good &= errors.Items.Count == before;
        }

        return good;
    }

    private static void Families(ServiceAddressing service, FieldErrors errors)
    {
        if (service.ClusterIPs.Count > 1 && service.ClusterIPs.Select(ServiceAddressing.FamilyOf).Distinct().Count() < 2)
        {
            errors.Invalid("spec.clusterIPs", service.ClusterIPs, "may specify no more than one IP for each IP family");
        }

        for (var i = 0; !service.IsHeadless && i < Math.Min(service.ClusterIPs.Count, service.Families.Count); i++)
        {
            if (service.Families[i] is ServiceAddressing.IPv4 or ServiceAddressing.IPv6 && service.Families[i] != ServiceAddressing.FamilyOf(service.ClusterIPs[i]))
            {
                errors.Invalid($"spec.clusterIPs[{i}]", service.ClusterIPs[i], $"expected an {service.Families[i]} value as indicated by `ipFamilies[{i}]`");
            }
        }
    }

    private static void SameAddresses(ServiceAddressing now, ServiceAddressing before, FieldErrors errors)
    {
        for (var i = 0; i < Common(now.ClusterIPs, before.ClusterIPs); i++)
        {
            if (now.ClusterIPs[i] != before.ClusterIPs[i])
            {
                errors.Invalid($"spec.clusterIPs[{i}]", now.ClusterIPs, MayNotChange);
            }
        }

        if (now.ClusterIPs.Count < before.ClusterIPs.Count)
        {
            if (now.ClusterIPs.Count == 0)
            {
                errors.Invalid("spec.clusterIPs[0]", null, "primary clusterIP can not be unset");
            }
            else if (now.Policy != ServiceAddressing.SingleStack)
            {
                errors.Invalid("spec.ipFamilyPolicy", now.Policy, "must be set to 'SingleStack' when releasing the secondary clusterIP");
            }
        }
    }

    private static void SameFamilies(ServiceAddressing now, ServiceAddressing before, FieldErrors errors)
    {
        for (var i = 0; i < Common(now.Families, before.Families); i++)
        {
            if (now.Families[i] != before.Families[i])
            {
                errors.Invalid("spec.ipFamilies[0]", now.Families, MayNotChange); // upstream names the first one, whichever it is
            }
        }

        if (now.Families.Count < before.Families.Count)
        {
            if (now.ClusterIPs.Count == 0)
            {
                errors.Invalid("spec.ipFamilies[0]", now.Families, "primary ipFamily can not be unset");
            }

            if (now.Families.Count == 1 && now.Policy != ServiceAddressing.SingleStack)
            {
                errors.Invalid("spec.ipFamilyPolicy", now.Policy, "must be set to 'SingleStack' when releasing the secondary ipFamily");
            }
        }
    }

    // All of two lists of one length; of two lengths the first alone: what else differs came or went.
    private static int Common(IReadOnlyList<string> now, IReadOnlyList<string> before) =>
        now.Count == before.Count ? now.Count : Math.Min(1, Math.Min(now.Count, before.Count));
}
