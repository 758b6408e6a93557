using Kobune.Api.Resource.V1;
using Kobune.Api.Validation;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Api.Resources;

/// <summary>Extended resources that devices of a class stand behind. Source: k8s.io/dynamic-resource-allocation/deviceclass/extendedresourcecache; pkg/scheduler/util.</summary>
public static class ExtendedResources
{
    /// <summary>Each class is also an extended resource of this prefix and its own name.</summary>
    public const string ClassPrefix = "deviceclass.resource.kubernetes.io/";

    /// <summary>Says of a claim, with the value "true", that the scheduler made it for a pod's extended resources.</summary>
    public const string ClaimAnnotation = "resource.kubernetes.io/extended-resource-claim";

    private const string Requests = "requests.";

    /// <summary>Whether a resource is extended: "example.com/gpu".</summary>
    public static bool IsExtended(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Contains('/', StringComparison.Ordinal) && !name.Contains("kubernetes.io/", StringComparison.Ordinal) && !name.StartsWith(Requests, StringComparison.Ordinal)
            && NameValidation.QualifiedName(Requests + name).Count == 0; // as quotas write it
    }

    /// <summary>Whether devices may stand behind a resource, by its name alone.</summary>
    public static bool MayBeDevices(string name) => IsExtended(name) || name.StartsWith(ClassPrefix, StringComparison.Ordinal);

    /// <summary>The names of the resources that devices of a class can be asked for by.</summary>
    public static IEnumerable<string> NamesOf(DeviceClass deviceClass)
    {
        ArgumentNullException.ThrowIfNull(deviceClass);
        yield return ClassPrefix + deviceClass.Metadata.Name;
        if (deviceClass.Spec.ExtendedResourceName is { } name)
        {
            yield return name;
        }
    }

    /// <summary>Which of several classes of one resource counts: the newest, so that one class can take another's place; of two of one second the first by name.</summary>
    public static DeviceClass? Choose(IEnumerable<DeviceClass> classes) =>
        classes.OrderByDescending(c => c.Metadata.CreationTimestamp).ThenBy(c => c.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>Whether the scheduler made a claim for a pod's extended resources.</summary>
    public static bool IsMadeForThem(ResourceClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return claim.Metadata.Annotations.GetValueOrDefault(ClaimAnnotation) == "true";
    }
}
