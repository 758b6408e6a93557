using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Validation of requests and limits (upstream's ValidateContainerResourceRequirements).</summary>
internal static class ResourceValidation
{
    private static readonly string[] Standard = ["cpu", "memory", "ephemeral-storage", "storage"];

    public static void Validate(ResourceRequirements resources, string path, FieldErrors errors)
    {
        foreach (var (name, value) in Sorted(resources.Limits))
        {
            Entry(name, value, $"{path}.limits[{name}]", errors);
        }

        foreach (var (name, value) in Sorted(resources.Requests))
        {
            Entry(name, value, $"{path}.requests[{name}]", errors);
            if (resources.Limits.TryGetValue(name, out var limit))
            {
                if (!MayOvercommit(name) && value != limit)
                {
                    errors.Invalid(path + ".requests", value, $"must be equal to {name} limit of {limit}");
                }
                else if (value > limit)
                {
                    errors.Invalid(path + ".requests", value, $"must be less than or equal to {name} limit of {limit}");
                }
            }
            else if (!MayOvercommit(name))
            {
                errors.Required(path + ".limits", "Limit must be set for non overcommitable resources");
            }
        }
    }

    /// <summary>Quantities of a name that may also be one of the own group of a maker of hardware.</summary>
    public static void Entry(string name, Quantity value, string path, FieldErrors errors)
    {
        errors.Names(path, name, NameValidation.QualifiedName(name));
        if (!name.Contains('/', StringComparison.Ordinal) && !Standard.Contains(name) && !name.StartsWith("hugepages-", StringComparison.Ordinal))
        {
            errors.Invalid(path, name, "must be a standard resource type or fully qualified");
        }
        else if (name is "storage")
        {
            errors.Invalid(path, name, "must be a standard resource for containers");
        }

        errors.NonNegative(path, value);
        if (IsExtended(name) && value.MilliValue % 1000 != 0)
        {
            errors.Invalid(path, value, "must be an integer");
        }
    }

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

    private static IOrderedEnumerable<KeyValuePair<string, Quantity>> Sorted(IReadOnlyDictionary<string, Quantity> values) => values.OrderBy(v => v.Key, StringComparer.Ordinal);

    private static bool IsExtended(string name) => name.Contains('/', StringComparison.Ordinal) && !name.Contains("kubernetes.io/", StringComparison.Ordinal);

    private static bool MayOvercommit(string name) => !IsExtended(name) && !name.StartsWith("hugepages-", StringComparison.Ordinal);
}
