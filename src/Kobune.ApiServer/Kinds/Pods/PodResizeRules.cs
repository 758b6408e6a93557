using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>
/// The resources of a pod that is resized, and of its containers: amounts of cpu and memory change, nothing is taken away. Init containers that end may be resized since 1.36
/// (InPlacePodVerticalScalingInitContainers), the pod as a whole too (InPlacePodLevelResourcesVerticalScaling).
/// </summary>
internal static class PodResizeRules
{
    private const string OnlyThese = "only cpu and memory resources are mutable";
    private static readonly string[] Mutable = ["cpu", "memory"];

    public static void Whole(ResourceRequirements? now, ResourceRequirements? before, FieldErrors errors)
    {
        const string path = "spec.resources";
        if (now is null)
        {
            errors.Forbidden(path, "pod-level resources cannot be removed");
            return;
        }

        var old = before ?? ResourceRequirements.Empty;
        Removed(now, old, path, "pod-level resource", errors);
        if (WithOld(now, old) != old)
        {
            errors.Forbidden("spec", OnlyThese + " at pod-level");
        }
    }

    /// <summary>Containers of the same names in the same order.</summary>
    public static void Containers(PodSpec now, PodSpec before, FieldErrors errors)
    {
        var known = errors.Items.Count;
        for (var i = 0; i < now.InitContainers.Count; i++)
        {
            Removed(now.InitContainers[i].Resources, before.InitContainers[i].Resources, $"spec.initContainers[{i}].resources", "resource", errors);
        }

        for (var i = 0; i < now.Containers.Count; i++)
        {
            Removed(now.Containers[i].Resources, before.Containers[i].Resources, $"spec.containers[{i}].resources", "resource", errors);
        }

        for (var i = 0; i < now.Containers.Count; i++)
        {
            if (WithOld(now.Containers[i], before.Containers[i]) != before.Containers[i])
            {
                errors.Forbidden("spec", OnlyThese);
            }
        }

        for (var i = 0; i < now.InitContainers.Count; i++)
        {
            Init(now.InitContainers[i], before.InitContainers[i], $"spec.initContainers[{i}]", errors);
        }

        // The rest of the spec is looked at when all this is well.
        var rest = now with { Containers = before.Containers, InitContainers = before.InitContainers };
        if (errors.Items.Count == known && (errors.Features.IsEnabled("InPlacePodLevelResourcesVerticalScaling") ? rest with { Resources = before.Resources } : rest) != before)
        {
            errors.Forbidden("spec", OnlyThese);
        }
    }

    private static void Init(Container now, Container before, string path, FieldErrors errors)
    {
        var (runsOn, rest) = (now.RestartPolicy == "Always", WithOld(now, before));
        if (!errors.Features.IsEnabled("InPlacePodVerticalScalingInitContainers"))
        {
            if (!runsOn && now.Resources != before.Resources)
            {
                errors.Forbidden(path + ".resources", "resources for non-sidecar init containers are immutable");
            }
            else if (rest != before)
            {
                errors.Forbidden(path, "only cpu and memory resources for sidecar containers are mutable");
            }

            return;
        }

        if (rest != before)
        {
            errors.Forbidden(path, "only cpu and memory resources for init or sidecar containers are mutable");
        }

        if (now != before && !runsOn && now.ResizePolicy.Any(p => p.RestartPolicy == "RestartContainer"))
        {
            errors.Forbidden(path, "non-sidecar init containers with a resize policy of RestartContainer cannot be resized");
        }
    }

    private static void Removed(ResourceRequirements now, ResourceRequirements before, string path, string what, FieldErrors errors)
    {
        if (before.Requests.Keys.Any(k => !now.Requests.ContainsKey(k)))
        {
            errors.Forbidden(path + ".requests", what + " requests cannot be removed");
        }

        if (before.Limits.Keys.Any(k => !now.Limits.ContainsKey(k)))
        {
            errors.Forbidden(path + ".limits", what + " limits cannot be removed");
        }
    }

    /// <summary>With cpu and memory as they were: what still differs is something else.</summary>
    private static Container WithOld(Container now, Container before) => now with { Resources = WithOld(now.Resources, before.Resources) };

    private static ResourceRequirements WithOld(ResourceRequirements now, ResourceRequirements before) =>
        now with { Requests = WithOld(now.Requests, before.Requests), Limits = WithOld(now.Limits, before.Limits) };

    private static Dictionary<string, Quantity> WithOld(IReadOnlyDictionary<string, Quantity> now, IReadOnlyDictionary<string, Quantity> before)
    {
        var result = now.Where(r => !Mutable.Contains(r.Key)).ToDictionary(r => r.Key, r => r.Value, StringComparer.Ordinal);
        foreach (var name in Mutable)
        {
            if (before.TryGetValue(name, out var value))
            {
                result[name] = value;
            }
        }

        return result;
    }
}
