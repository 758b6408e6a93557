using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;

namespace Kobune.ControllerManager.Pods;

/// <summary>Pods from templates. Source: pkg/controller/controller_utils.go, GetPodFromTemplate.</summary>
internal static class PodFromTemplate
{
    /// <summary>A pod of an owner, its name made up by the server.</summary>
    public static Pod Make(PodTemplateSpec template, IKubernetesObject owner) => new()
    {
        Metadata = new ObjectMeta
        {
            Namespace = owner.Metadata.Namespace,
            GenerateName = owner.Metadata.Name + "-",
            Labels = template.Metadata.Labels,
            Annotations = template.Metadata.Annotations,
            Finalizers = template.Metadata.Finalizers,
            OwnerReferences = [ControllerReference(owner)],
        },
        Spec = template.Spec,
    };

    /// <summary>The reference by which an owner controls: it blocks the owner's foreground deletion.</summary>
    public static OwnerReference ControllerReference(IKubernetesObject owner) => new()
    {
        APIVersion = owner.ApiVersion,
        Kind = owner.Kind,
        Name = owner.Metadata.Name,
        Uid = owner.Metadata.Uid,
        BlockOwnerDeletion = true,
        Controller = true,
    };
}
