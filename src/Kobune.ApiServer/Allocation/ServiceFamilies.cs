using Kobune.ApiServer.Kinds.Services;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Allocation;

/// <summary>
/// Settles policy and families of a Service by what it says, what it was, and what the cluster has. Source: k8s.io/kubernetes,
/// registry/core/service/storage/alloc.go, initIPFamilyFields.
/// </summary>
/// <param name="configured">The families of the cluster's ranges; the first one is the default.</param>
internal sealed class ServiceFamilies(IReadOnlyList<string> configured)
{
    /// <summary>The Service with its policy and families; <paramref name="errors"/> holds why not. ClusterIPs lose their second one when the policy becomes SingleStack.</summary>
    public ServiceAddressing Settle(ServiceAddressing now, ServiceAddressing? before, FieldErrors errors)
    {
        if (now.IsExternalName || IsUnchangedPreference(now, before))
        {
            return now; // what prefers two families is not changed because the cluster was
        }

        now = now with { Policy = now.Policy ?? before?.Policy ?? (IsOpen(now) ? ServiceAddressing.RequireDualStack : ServiceAddressing.SingleStack) };
        ServiceAddressRules.Check(now, before?.ClusterIPs ?? [], errors);
        if (errors.Items.Count > 0)
        {
            return now;
        }

        now = Reduce(now, before, errors);
        CheckPolicy(now, errors);
        now = Infer(now, errors);
        if (errors.Items.Count > 0)
        {
            return now;
        }

        if (IsOpen(now))
        {
            return Complete(now, mayAdd: true); // the endpoints are the user's own, of whatever family the cluster has
        }

        CheckConfigured(now, errors);
        return errors.Items.Count > 0 ? now : Complete(now, mayAdd: configured.Count == 2);
    }

    /// <summary>Headless and without a selector.</summary>
    private static bool IsOpen(ServiceAddressing service) => service.ClusterIP == ServiceAddressing.None && !service.HasSelector;

    private static bool IsUnchangedPreference(ServiceAddressing now, ServiceAddressing? before) =>
        before is not null && now.Policy == ServiceAddressing.PreferDualStack && before.Policy is null or ServiceAddressing.PreferDualStack && before.Type == now.Type
        && now.ClusterIPs.SequenceEqual(before.ClusterIPs) && now.Families.SequenceEqual(before.Families);

    // Fields that were left as they were follow a policy that became SingleStack; with any other policy they may not become fewer.
    private static ServiceAddressing Reduce(ServiceAddressing now, ServiceAddressing? before, FieldErrors errors)
    {
        if (before is null)
        {
            return now;
        }

        if (now.Policy == ServiceAddressing.SingleStack)
        {
            return now with
            {
                ClusterIPs = now.ClusterIPs.SequenceEqual(before.ClusterIPs) ? [.. now.ClusterIPs.Take(1)] : now.ClusterIPs,
                Families = now.Families.SequenceEqual(before.Families) ? [.. now.Families.Take(1)] : now.Families,
            };
        }

        if (now.ClusterIPs.Count > 0 && now.ClusterIPs.Count < before.ClusterIPs.Count)
        {
            errors.Invalid("spec.ipFamilyPolicy", now.Policy, "must be 'SingleStack' to release the secondary cluster IP");
        }

        if (now.Families.Count > 0 && now.Families.Count < before.Families.Count)
        {
            errors.Invalid("spec.ipFamilyPolicy", now.Policy, "must be 'SingleStack' to release the secondary IP family");
        }

        return now;
    }

    private static void CheckPolicy(ServiceAddressing now, FieldErrors errors)
    {
        if (now.Policy != ServiceAddressing.SingleStack)
        {
            return;
        }

        if (now.ClusterIPs.Count == 2)
        {
            errors.Invalid("spec.ipFamilyPolicy", now.Policy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified");
        }

        if (now.Families.Count == 2)
        {
            errors.Invalid("spec.ipFamilyPolicy", now.Policy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified");
        }
    }

    /// <summary>Families that are missing, by the addresses that are there.</summary>
    private ServiceAddressing Infer(ServiceAddressing now, FieldErrors errors)
    {
        if (now.ClusterIPs is [ServiceAddressing.None, ..])
        {
            return now;
        }

        var families = now.Families.ToList();
        for (var i = families.Count; i < now.ClusterIPs.Count; i++)
        {
            var family = ServiceAddressing.FamilyOf(now.ClusterIPs[i])!;
            if (configured.Contains(family))
            {
                families.Add(family);
            }
            else
            {
                errors.Invalid($"spec.clusterIPs[{i}]", now.ClusterIPs, $"{family} is not configured on this cluster");
            }
        }

        return now with { Families = families };
    }

    private void CheckConfigured(ServiceAddressing now, FieldErrors errors)
    {
        if (now.Policy == ServiceAddressing.RequireDualStack && configured.Count < 2)
        {
            errors.Invalid("spec.ipFamilyPolicy", now.Policy, "this cluster is not configured for dual-stack services");
        }

        for (var i = 0; i < now.Families.Count; i++)
        {
            if (!configured.Contains(now.Families[i]))
            {
                errors.Invalid($"spec.ipFamilies[{i}]", now.Families[i], "not configured on this cluster");
            }
        }
    }

    private ServiceAddressing Complete(ServiceAddressing now, bool mayAdd)
    {
        IReadOnlyList<string> families = now.Families.Count > 0 ? now.Families : [configured[0]];
        return now with { Families = mayAdd && families.Count == 1 && now.Policy != ServiceAddressing.SingleStack ? [families[0], ServiceAddressing.OtherThan(families[0])] : families };
    }
}
