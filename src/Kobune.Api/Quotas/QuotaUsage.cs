using Kobune.Api.Core.V1;

namespace Kobune.Api.Quotas;

/// <summary>What one object uses of a quota's resources (upstream's pkg/quota/v1/evaluator/core).</summary>
public static class QuotaUsage
{
    // Kinds that quotas also count under their plain name.
    private static readonly HashSet<string> PlainCounts = ["configmaps", "secrets", "replicationcontrollers", "resourcequotas"];

    /// <summary>"count/pods", "count/deployments.apps".</summary>
    public static string CountName(ResourceDescriptor resource) =>
        "count/" + (resource.Group.Length == 0 ? resource.Plural : $"{resource.Plural}.{resource.Group}");

    /// <summary>Usage by resource name. <paramref name="now"/> tells which deleted pods are past their grace.</summary>
    /// <param name="resource">Its resource.</param>
    /// <param name="item">The object; only of a Pod, a Service, a PersistentVolumeClaim and a ResourceClaim more than its being there counts, others may be null.</param>
    /// <param name="now">The time.</param>
    /// <param name="objects">What else there is, where claims of devices count.</param>
    public static Dictionary<string, Quantity> Of(ResourceDescriptor resource, object? item, DateTimeOffset now, IQuotaObjects? objects = null)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var usage = new Dictionary<string, Quantity>(StringComparer.Ordinal)
        {
            [CountName(resource)] = new(1),
        };
        switch (item)
        {
            case Pod pod:
                AddPod(usage, pod, now);
                break;
            case Service service:
                AddService(usage, service);
                break;
            case PersistentVolumeClaim claim:
                AddClaim(usage, claim);
                break;
            case Resource.V1.ResourceClaim claim when objects is not null:
                DeviceUsage.Add(usage, claim, objects, now);
                break;
            default:
                if (resource.Group.Length == 0 && PlainCounts.Contains(resource.Plural))
                {
                    usage[resource.Plural] = new(1);
                }

                break;
        }

        return usage;
    }

    /// <summary>Whether an update at this endpoint can change the usage: of pods only a resize.</summary>
    public static bool ChangesOnUpdate(ResourceDescriptor resource, string subresource) =>
        resource.Group.Length == 0 && (resource.Plural, subresource) is (("pods", "resize") or ("services", "") or ("persistentvolumeclaims", "" or "status"));

    /// <summary>When a pod that is deleted and does not go costs nothing but its name any more; null when it is not deleted, or has ended.</summary>
    public static DateTimeOffset? ForgivenAt(Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.Status.Phase is not (PodPhase.Failed or PodPhase.Succeeded) && pod.Metadata is { DeletionTimestamp: { } deleted, DeletionGracePeriodSeconds: { } grace } ? deleted.AddSeconds(grace) : null;
    }

    private static void AddPod(Dictionary<string, Quantity> usage, Pod pod, DateTimeOffset now)
    {
        // Finished pods, and those whose node did not end them in time, take a name but nothing else.
        if (pod.Status.Phase is PodPhase.Failed or PodPhase.Succeeded || now > ForgivenAt(pod))
        {
            return;
        }

        usage["pods"] = new(1);
        foreach (var (name, value) in PodTotals.ChargedRequests(pod))
        {
            usage["requests." + name] = value;
            if (name is "cpu" or "memory" or "ephemeral-storage" || name.StartsWith("hugepages-", StringComparison.Ordinal))
            {
                usage[name] = value;
            }
        }

        foreach (var (name, value) in PodTotals.ChargedLimits(pod))
        {
            if (name is "cpu" or "memory" or "ephemeral-storage")
            {
                usage["limits." + name] = value;
            }
        }
    }

    private static void AddService(Dictionary<string, Quantity> usage, Service service)
    {
        var (nodePorts, balancers) = service.Spec.Type switch
        {
            "NodePort" => (service.Spec.Ports.Count, 0),
            "LoadBalancer" => (service.Spec.AllocateLoadBalancerNodePorts == false ? service.Spec.Ports.Count(p => p.NodePort != 0) : service.Spec.Ports.Count, 1),
            _ => (0, 0),
        };
        usage["services"] = new(1);
        usage["services.nodeports"] = new(nodePorts);
        usage["services.loadbalancers"] = new(balancers);
    }

    private static void AddClaim(Dictionary<string, Quantity> usage, PersistentVolumeClaim claim)
    {
        usage["persistentvolumeclaims"] = new(1);
        var storageClass = claim.Metadata.Annotations.GetValueOrDefault("volume.beta.kubernetes.io/storage-class") ?? claim.Spec.StorageClassName ?? "";
        if (storageClass.Length > 0)
        {
            usage[storageClass + ".storageclass.storage.k8s.io/persistentvolumeclaims"] = new(1);
        }

        if (claim.Spec.Resources.Requests.TryGetValue("storage", out var size))
        {
            // What was begun to be allocated is charged even when less is asked for now.
            size = Whole(claim.Status.AllocatedResources.TryGetValue("storage", out var allocated) ? Quantity.Max(size, allocated) : size);
            usage["requests.storage"] = size;
            if (storageClass.Length > 0)
            {
                usage[storageClass + ".storageclass.storage.k8s.io/requests.storage"] = size;
            }
        }
    }

    private static Quantity Whole(Quantity bytes) => new Quantity(bytes.Value, bytes.Format) is var whole && whole == bytes ? bytes : whole;
}
