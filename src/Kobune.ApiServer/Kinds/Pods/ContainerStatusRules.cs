using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>What a kubelet tells of containers: as whom they run, and the health of what was given to them (upstream's validateContainerStatusUsers and validateContainerStatusAllocatedResourcesStatus).</summary>
internal static class ContainerStatusRules
{
    private const string Claim = "claim:";
    private const string NoClaim = "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";
    private static readonly string[] Healths = ["Healthy", "Unhealthy", "Unknown"];

    public static void Validate(Pod pod, FieldErrors errors)
    {
        var (status, os) = (pod.Status, pod.Spec.OS?.Name);
        Users(status.ContainerStatuses, "status.containerStatuses", os, errors);
        Users(status.InitContainerStatuses, "status.initContainerStatuses", os, errors);
        Users(status.EphemeralContainerStatuses, "status.ephemeralContainerStatuses", os, errors);
        Allocated(status.ContainerStatuses, "status.containerStatuses", pod.Spec.Containers, errors);
        Allocated(status.InitContainerStatuses, "status.initContainerStatuses", pod.Spec.InitContainers, errors);
        for (var i = 0; i < status.EphemeralContainerStatuses.Count; i++)
        {
            if (status.EphemeralContainerStatuses[i].AllocatedResourcesStatus.Count > 0)
            {
                errors.Forbidden($"status.ephemeralContainerStatuses[{i}].allocatedResourcesStatus", "must not be specified in container status");
            }
        }
    }

    private static void Users(IReadOnlyList<ContainerStatus> statuses, string path, string? os, FieldErrors errors)
    {
        for (var i = 0; i < statuses.Count; i++)
        {
            if (statuses[i].User?.Linux is not { } user)
            {
                continue;
            }

            var at = $"{path}[{i}].user.linux";
            if (os == "windows")
            {
                errors.Forbidden(at, "cannot be set for a windows pod");
                continue;
            }

            errors.Between(at + ".uid", user.Uid, 0, int.MaxValue);
            errors.Between(at + ".gid", user.GID, 0, int.MaxValue);
            for (var j = 0; j < user.SupplementalGroups.Count; j++)
            {
                errors.Between($"{at}.supplementalGroups[{j}]", user.SupplementalGroups[j], 0, int.MaxValue);
            }
        }
    }

    private static void Allocated(IReadOnlyList<ContainerStatus> statuses, string path, IReadOnlyList<Container> containers, FieldErrors errors)
    {
        for (var i = 0; i < statuses.Count; i++)
        {
            var container = containers.FirstOrDefault(c => c.Name == statuses[i].Name); // none is nothing to complain of
            for (var j = 0; j < statuses[i].AllocatedResourcesStatus.Count; j++)
            {
                var (resource, at) = (statuses[i].AllocatedResourcesStatus[j], $"{path}[{i}].allocatedResourcesStatus[{j}]");
                if (container is not null && !IsOf(container, resource.Name))
                {
                    errors.Invalid(at + ".name", resource.Name, resource.Name.StartsWith(Claim, StringComparison.Ordinal) ? NoClaim : "must match one of the container's resource requests");
                }

                Health(resource.Resources, at + ".resources", errors);
            }
        }
    }

    private static bool IsOf(Container container, string resource) => resource.StartsWith(Claim, StringComparison.Ordinal)
        ? container.Resources.Claims.Any(c => resource == Claim + c.Name + (c.Request.Length > 0 ? "/" + c.Request : ""))
        : container.Resources.Requests.ContainsKey(resource);

    private static void Health(IReadOnlyList<ResourceHealth> resources, string path, FieldErrors errors)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < resources.Count; i++)
        {
            errors.OneOfAny($"{path}[{i}].health", resources[i].Health, Healths);
            if (!known.Add(resources[i].ResourceID))
            {
                errors.Duplicate($"{path}[{i}].resourceID", resources[i].ResourceID);
            }
        }
    }
}
