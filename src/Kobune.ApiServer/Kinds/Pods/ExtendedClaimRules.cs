using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>What a pod's status says of the claim for its extended resources (upstream's validatePodExtendedResourceClaimStatus).</summary>
internal static class ExtendedClaimRules
{
    private const string At = "status.extendedResourceClaimStatus";

    public static void Check(Pod pod, FieldErrors errors)
    {
        if (pod.Status.ExtendedResourceClaimStatus is not { } status)
        {
            return;
        }

        if (status.RequestMappings.Count == 0)
        {
            errors.Required(At + ".requestMappings", "at least one request mapping is required");
        }

        var seen = new HashSet<ContainerExtendedResourceRequest>();
        for (var i = 0; i < status.RequestMappings.Count; i++)
        {
            var (mapping, path) = (status.RequestMappings[i], $"{At}.requestMappings[{i}]");
            Container(pod.Spec, mapping, path, errors);
            errors.Names(At + ".requestName", mapping.RequestName, NameValidation.Dns1123Label(mapping.RequestName)); // upstream's path
            if (!seen.Add(mapping))
            {
                errors.Duplicate(path + ".containerName", mapping.ContainerName);
                errors.Duplicate(path + ".resourceName", mapping.ResourceName);
                errors.Duplicate(path + ".requestName", mapping.RequestName);
            }
        }

        errors.RequiredName(At + ".resourceClaimName", status.ResourceClaimName, NameValidation.Dns1123Subdomain);
    }

    private static void Container(PodSpec spec, ContainerExtendedResourceRequest mapping, string path, FieldErrors errors)
    {
        if (spec.InitContainers.Concat(spec.Containers).LastOrDefault(c => c.Name == mapping.ContainerName) is not { } container)
        {
            errors.Invalid(path + ".containerName", mapping.ContainerName, "must match the name of an entry in spec.initContainers.name or spec.containers.name");
        }
        else if (!container.Resources.Requests.ContainsKey(mapping.ResourceName))
        {
            errors.Invalid(path + ".resourceName", mapping.ResourceName, "must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests");
        }
    }
}
