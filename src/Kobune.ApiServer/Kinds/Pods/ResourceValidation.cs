using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Quotas;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of requests and limits (upstream's ValidateContainerResourceRequirements and validatePodResources).</summary>
internal static class ResourceValidation
{
    private delegate void NameRule(string name, string path, FieldErrors errors);

    public static void Validate(ResourceRequirements resources, IReadOnlySet<string> claims, string path, PodTolerance tolerance, FieldErrors errors)
    {
        Amounts(resources, ResourceNames.OfContainer, path, tolerance, errors);
        Claims(resources.Claims, claims, path + ".claims", errors);
    }

    /// <summary>What a pod asks for as a whole: not less than its containers together, and no container may have more.</summary>
    public static void Pod(PodSpec spec, string path, PodTolerance tolerance, FieldErrors errors)
    {
        if (spec.Resources is not { } whole)
        {
            return;
        }

        if (whole.Claims.Count > 0)
        {
            errors.Forbidden(path + ".claims", "claims cannot be set for Resources at pod-level");
        }

        Amounts(whole, ResourceNames.OfPod, path, tolerance, errors);
        foreach (var (name, sum) in Sorted(PodTotals.Requests(spec with { Resources = null })))
        {
            var asked = whole.Requests.TryGetValue(name, out var given) ? given : default;
            if (sum > asked && (name is "cpu" or "memory" || ResourceNames.IsHugePages(name)))
            {
                errors.Invalid($"{path}.requests[{name}]", asked, $"must be greater than or equal to aggregate container requests of {sum}");
            }
        }

        for (var i = 0; i < spec.Containers.Count; i++)
        {
            foreach (var (name, limit) in Sorted(spec.Containers[i].Resources.Limits))
            {
                if (whole.Limits.TryGetValue(name, out var bound) && limit > bound)
                {
                    errors.Invalid($"{path}.containers[{i}][{name}].limits", limit, $"must be less than or equal to pod limits of {bound}");
                }
            }
        }
    }

    /// <summary>What a runtime takes for itself.</summary>
    public static void Overhead(IReadOnlyDictionary<string, Quantity> overhead, string path, PodTolerance tolerance, FieldErrors errors) =>
        Amounts(new ResourceRequirements { Limits = overhead }, ResourceNames.OfContainer, path, tolerance, errors);

    /// <summary>One policy a resource; a pod that never restarts cannot be resized by a restart (upstream's validateResizePolicy).</summary>
    public static void ResizePolicies(IReadOnlyList<ContainerResizePolicy> policies, string path, string restartPolicy, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < policies.Count; i++)
        {
            var policy = policies[i];
            if (!seen.Add(policy.ResourceName))
            {
                errors.Duplicate($"{path}[{i}]", policy.ResourceName);
            }

            errors.OneOf(path, policy.ResourceName, "cpu", "memory");
            errors.OneOf(path, policy.RestartPolicy, "NotRequired", "RestartContainer");
            if (restartPolicy == "Never" && policy.RestartPolicy != "NotRequired")
            {
                errors.Invalid(path, policy.RestartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'");
            }
        }
    }

    private static void Amounts(ResourceRequirements resources, NameRule rule, string path, PodTolerance tolerance, FieldErrors errors)
    {
        foreach (var (name, value) in Sorted(resources.Limits))
        {
            Entry(name, value, $"{path}.limits[{name}]");
        }

        foreach (var (name, value) in Sorted(resources.Requests))
        {
            Entry(name, value, $"{path}.requests[{name}]");
            Bound(name, value, resources, path, errors);
        }

        string[] names = [.. resources.Limits.Keys, .. resources.Requests.Keys];
        if (names.Any(ResourceNames.IsHugePages) && !names.Any(n => n is "cpu" or "memory"))
        {
            errors.Forbidden(path, "HugePages require cpu or memory");
        }

        void Entry(string name, Quantity value, string at)
        {
            rule(name, at, errors);
            ResourceNames.Value(name, value, at, errors);
            if (ResourceNames.IsHugePages(name) && !tolerance.PartialPages)
            {
                ResourceNames.WholePages(name, value, at, errors);
            }
        }
    }

    private static void Bound(string name, Quantity value, ResourceRequirements resources, string path, FieldErrors errors)
    {
        if (!resources.Limits.TryGetValue(name, out var limit))
        {
            if (!ResourceNames.MayOvercommit(name))
            {
                errors.Required(path + ".limits", "Limit must be set for non overcommitable resources");
            }
        }
        else if (!ResourceNames.MayOvercommit(name) && value != limit)
        {
            errors.Invalid(path + ".requests", value, $"must be equal to {name} limit of {limit}");
        }
        else if (value > limit)
        {
            errors.Invalid(path + ".requests", value, $"must be less than or equal to {name} limit of {limit}");
        }
    }

    // A claim, or several requests of one, each once (upstream's validateResourceClaimNames).
    private static void Claims(IReadOnlyList<ResourceClaim> claims, IReadOnlySet<string> known, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < claims.Count; i++)
        {
            var (claim, at) = (claims[i], $"{path}[{i}]");
            if (claim.Name.Length == 0)
            {
                errors.Required(at, "");
                continue;
            }

            Once(claim, at, seen, errors);
            if (!known.Contains(claim.Name))
            {
                var names = known.Count == 0 ? " which is empty" : ": " + string.Join(", ", known.Order(StringComparer.Ordinal));
                errors.Add("FieldValueNotFound", at, $"Not found: \"{claim.Name}\": must be one of the names in pod.spec.resourceClaims{names}");
            }
        }
    }

    private static void Once(ResourceClaim claim, string at, HashSet<string> seen, FieldErrors errors)
    {
        if (seen.Contains(claim.Name))
        {
            errors.Duplicate(at, claim.Name);
            return;
        }

        var key = claim.Name;
        if (claim.Request.Length > 0)
        {
            errors.Names(at + ".request", claim.Request, NameValidation.Dns1123Label(claim.Request));
            key += "/" + claim.Request;
        }

        if (seen.Contains(key) || (claim.Request.Length == 0 && seen.Any(s => s.StartsWith(claim.Name + "/", StringComparison.Ordinal))))
        {
            errors.Duplicate(at, key);
        }

        seen.Add(key);
    }

    private static IOrderedEnumerable<KeyValuePair<string, Quantity>> Sorted(IReadOnlyDictionary<string, Quantity> values) => values.OrderBy(v => v.Key, StringComparer.Ordinal);
}
