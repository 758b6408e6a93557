using Kobune.Api;
using Kobune.Api.Resources;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>Which names of resources are good where (upstream's validateResourceName and its callers, pkg/apis/core/helper).</summary>
internal static class ResourceNames
{
    private const string HugePages = "hugepages-";
    private static readonly string[] OfContainers = ["cpu", "memory", "ephemeral-storage"];
    private static readonly string[] Counted = ["pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"];

    private static readonly string[] Standard =
    [
        .. OfContainers, .. Counted, "storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage", "requests.storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage",
    ];

    public static bool IsHugePages(string name) => name.StartsWith(HugePages, StringComparison.Ordinal);

    /// <summary>A resource that a quota may bound.</summary>
    public static void OfQuota(string name, string path, FieldErrors errors)
    {
        Any(name, path, errors);
        if (!name.Contains('/', StringComparison.Ordinal) && !IsOfQuota(name))
        {
            errors.Invalid(path, name, "must be a standard resource for quota");
        }
    }

    public static bool IsOfQuota(string name) => name != "storage" && (Standard.Contains(name) || IsBoundPages(name));

    private static bool IsBoundPages(string name) => IsHugePages(name) || name.StartsWith("requests." + HugePages, StringComparison.Ordinal);

    /// <summary>Without a group, or Kubernetes' own.</summary>
    public static bool IsNative(string name) => !name.Contains('/', StringComparison.Ordinal) || name.Contains("kubernetes.io/", StringComparison.Ordinal);

    public static bool IsExtended(string name) => ExtendedResources.IsExtended(name);

    /// <summary>Whether more may be promised than there is.</summary>
    public static bool MayOvercommit(string name) => IsNative(name) && !IsHugePages(name);

    /// <summary>A name of any resource; whether it is one.</summary>
    public static bool Any(string name, string path, FieldErrors errors)
    {
        var problems = NameValidation.QualifiedName(name);
        errors.Names(path, name, problems);
        if (problems.Count > 0)
        {
            return false;
        }

        if (!name.Contains('/', StringComparison.Ordinal) && !Standard.Contains(name) && !IsBoundPages(name))
        {
            errors.Invalid(path, name, "must be a standard resource type or fully qualified");
            return false;
        }

        return true;
    }

    /// <summary>A resource of containers.</summary>
    public static void OfContainer(string name, string path, FieldErrors errors)
    {
        Any(name, path, errors);
        if (!name.Contains('/', StringComparison.Ordinal))
        {
            if (!OfContainers.Contains(name) && !IsHugePages(name))
            {
                errors.Invalid(path, name, "must be a standard resource for containers");
            }
        }
        else if (!IsNative(name) && !IsExtended(name))
        {
            errors.Invalid(path, name, "doesn't follow extended resource name standard");
        }
    }

    /// <summary>A resource that a pod may ask for as a whole.</summary>
    public static void OfPod(string name, string path, FieldErrors errors)
    {
        if (Any(name, path, errors) && name is not ("cpu" or "memory") && !IsHugePages(name))
        {
            errors.NotSupported(path, name, ["cpu", "hugepages-", "memory"]);
        }
    }

    /// <summary>Not negative, and whole where things are counted (upstream's ValidateResourceQuantityValue).</summary>
    public static void Value(string name, Quantity value, string path, FieldErrors errors)
    {
        errors.NonNegative(path, value);
        if ((IsExtended(name) || Counted.Contains(name)) && value.MilliValue % 1000 != 0)
        {
            errors.Invalid(path, value, "must be an integer");
        }
    }

    /// <summary>Whole pages of the size in the name.</summary>
    public static void WholePages(string name, Quantity value, string path, FieldErrors errors)
    {
        if (IsHugePages(name) && !(Quantity.TryParse(name[HugePages.Length..], out var page) && page.Sign > 0 && page.MilliValue % 1000 == 0 && value.Value % page.Value == 0))
        {
            errors.Invalid(path, value, $"{value} is not positive integer multiple of {name}");
        }
    }
}
