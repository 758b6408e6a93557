using Kobune.Api.Apps.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.Pods;
using static Kobune.ControllerManager.Deployments.DeploymentMath;

namespace Kobune.ControllerManager.Deployments;

/// <summary>The ReplicaSet of a new template.</summary>
internal static class NewReplicaSet
{
    private const int MaxNameLength = 253;

    public static ReplicaSet Make(Deployment deployment, int replicas, long revision)
    {
        var hash = PodTemplateHash.Of(deployment.Spec.Template, deployment.Status.CollisionCount);
        var labels = With(deployment.Spec.Template.Metadata.Labels, hash);
        var template = deployment.Spec.Template with { Metadata = deployment.Spec.Template.Metadata with { Labels = labels } };
        var selector = deployment.Spec.Selector ?? LabelSelector.Empty;
        var name = deployment.Metadata.Name;
        var set = new ReplicaSet
        {
            Metadata = new ObjectMeta
            {
                Name = name[..Math.Min(name.Length, MaxNameLength - hash.Length - 1)] + "-" + hash,
                Namespace = deployment.Metadata.Namespace,
                Labels = labels,
                OwnerReferences = [PodFromTemplate.ControllerReference(deployment)],
            },
            Spec = new ReplicaSetSpec
            {
                Replicas = replicas,
                MinReadySeconds = deployment.Spec.MinReadySeconds,
                Selector = selector with { MatchLabels = With(selector.MatchLabels, hash) },
                Template = template,
            },
        };
        set = DeploymentAnnotations.WithRevision(set, deployment, revision);
        return DeploymentAnnotations.WithSizes(set, Wanted(deployment), Wanted(deployment) + MaxSurge(deployment));
    }

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> labels, string hash) =>
        new(labels) { [PodTemplateHash.Label] = hash };
}
