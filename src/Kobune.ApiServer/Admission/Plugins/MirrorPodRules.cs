using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.ApiServer.Errors;

namespace Kobune.ApiServer.Admission.Plugins;

/// <summary>The only pods that a kubelet may create: mirrors of its static pods, owned by its Node, naming no other objects.</summary>
internal static class MirrorPodRules
{
    public static string? Check(Pod pod, IObjectReader objects, string node)
    {
        if (!pod.Metadata.Annotations.ContainsKey(MirrorPods.Annotation))
        {
            return $"pod does not have \"{MirrorPods.Annotation}\" annotation, node \"{node}\" can only create mirror pods";
        }

        if (pod.Spec.NodeName != node)
        {
            return $"node \"{node}\" can only create pods with spec.nodeName set to itself";
        }

        return CheckOwner(pod, objects, node) ?? CheckReferences(pod, node);
    }

    private static string? CheckOwner(Pod pod, IObjectReader objects, string node)
    {
        if (pod.Metadata.OwnerReferences is not [var owner])
        {
            return pod.Metadata.OwnerReferences.Count == 0
                ? $"node \"{node}\" can only create pods with an owner reference set to itself"
                : $"node \"{node}\" can only create pods with a single owner reference set to itself";
        }

        if (owner.APIVersion != "v1" || owner.Kind != "Node" || owner.Name != node)
        {
            return $"node \"{node}\" can only create pods with an owner reference set to itself";
        }

        if (owner.Controller != true)
        {
            return $"node \"{node}\" can only create pods with a controller owner reference set to itself";
        }

        if (owner.BlockOwnerDeletion == true)
        {
            return $"node \"{node}\" must not set blockOwnerDeletion on an owner reference";
        }

        var uid = (objects.Find<Node>("", node) ?? throw StatusErrors.NotFound("", "nodes", node)).Metadata.Uid;
        return uid == owner.Uid ? null : $"node {node} UID mismatch: expected {owner.Uid} got {uid}";
    }

    private static string? CheckReferences(Pod pod, string node) =>
        pod.Spec.ServiceAccountName.Length > 0 ? $"node \"{node}\" can not create pods that reference a service account"
        : PodReferences.Secrets(pod.Spec).Any() ? $"node \"{node}\" can not create pods that reference secrets"
        : PodReferences.ConfigMaps(pod.Spec).Any() ? $"node \"{node}\" can not create pods that reference configmaps"
        : pod.Spec.Volumes.Any(v => v.Projected?.Sources.Any(s => s.ClusterTrustBundle is not null) == true) ? $"node \"{node}\" can not create pods that reference clustertrustbundles"
        : PodReferences.Claims(pod).Any() ? $"node \"{node}\" can not create pods that reference persistentvolumeclaims"
        : pod.Spec.ResourceClaims.Count > 0 ? $"node \"{node}\" can not create pods that reference resourceclaims"
        : null;
}
