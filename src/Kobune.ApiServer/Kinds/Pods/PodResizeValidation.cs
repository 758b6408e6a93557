using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Quotas;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>What pods/resize may change: cpu and memory of containers and sidecars (upstream's ValidatePodResize).</summary>
internal static class PodResizeValidation
{
    private static readonly string[] Mutable = ["cpu", "memory"];

    public static void Validate(Pod pod, Pod old, FieldErrors errors)
    {
        PodUpdateValidation.Spec(pod, PodTolerance.Of(pod.Spec, old.Spec, old.Metadata, errors.Features), errors);
        if (old.Metadata.Annotations.ContainsKey("kubernetes.io/config.mirror"))
        {
            errors.Forbidden("", "static pods cannot be resized");
            return;
        }

        if (old.Spec.OS?.Name == "windows")
        {
            errors.Forbidden("", "windows pods cannot be resized");
            return;
        }

        var quality = PodQos.Of(pod.Spec);
        if (quality != (old.Status.QOSClass.Length > 0 ? old.Status.QOSClass : PodQos.Of(old.Spec)))
        {
            errors.Invalid("spec", quality, "Pod QOS Class may not change as a result of resizing");
        }

        // A kubelet that knows of resizes tells the resources of what runs.
        if (old.Status.ContainerStatuses.Any(s => s.State.Running is not null && s.Resources is null))
        {
            errors.Forbidden("spec", "Pod running on node without support for resize");
        }

        if (SameContainers(pod.Spec.Containers, old.Spec.Containers, "spec.containers", errors) && SameContainers(pod.Spec.InitContainers, old.Spec.InitContainers, "spec.initContainers", errors))
        {
            Changes(pod.Spec, old.Spec, errors);
        }
    }

    private static bool SameContainers(IReadOnlyList<Container> now, IReadOnlyList<Container> before, string path, FieldErrors errors)
    {
        if (now.Count != before.Count)
        {
            errors.Forbidden(path, "containers may not be added or removed on resize");
            return false;
        }

        var same = true;
        for (var i = 0; i < now.Count; i++)
        {
            if (now[i].Name != before[i].Name)
            {
                errors.Forbidden($"{path}[{i}].name", "containers may not be renamed or reordered on resize");
                same = false;
            }
        }

        return same;
    }

    private static void Changes(PodSpec now, PodSpec before, FieldErrors errors)
    {
        for (var i = 0; i < now.Containers.Count; i++)
        {
            Removed(now.Containers[i].Resources, before.Containers[i].Resources, $"spec.containers[{i}].resources", errors);
        }

        for (var i = 0; i < now.InitContainers.Count; i++)
        {
            var path = $"spec.initContainers[{i}].resources";
            Removed(now.InitContainers[i].Resources, before.InitContainers[i].Resources, path, errors);
            if (now.InitContainers[i].RestartPolicy != "Always" && now.InitContainers[i].Resources != before.InitContainers[i].Resources)
            {
                errors.Forbidden(path, "resources for non-sidecar init containers are immutable");
            }
        }

        var rest = now with
        {
            Containers = [.. now.Containers.Select((c, i) => WithOld(c, before.Containers[i]))],
            InitContainers = [.. now.InitContainers.Select((c, i) => WithOld(c, before.InitContainers[i]))],
        };
        if (rest != before)
        {
            errors.Forbidden("spec", "only cpu and memory resources are mutable");
        }
    }

    private static void Removed(ResourceRequirements now, ResourceRequirements before, string path, FieldErrors errors)
    {
        if (before.Requests.Keys.Any(k => !now.Requests.ContainsKey(k)))
        {
            errors.Forbidden(path + ".requests", "resource requests cannot be removed");
        }

        if (before.Limits.Keys.Any(k => !now.Limits.ContainsKey(k)))
        {
            errors.Forbidden(path + ".limits", "resource limits cannot be removed");
        }
    }

    /// <summary>The container with cpu and memory as they were: what still differs is something else.</summary>
    private static Container WithOld(Container now, Container before) => now with
    {
        Resources = now.Resources with { Requests = WithOld(now.Resources.Requests, before.Resources.Requests), Limits = WithOld(now.Resources.Limits, before.Resources.Limits) },
    };

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
