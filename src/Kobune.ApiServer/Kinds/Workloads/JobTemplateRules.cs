using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>
/// A job's template stays as it is, but while the job is suspended its pods may be told where to go and what they may use: queues decide that late.
/// Source: pkg/apis/batch/validation, validatePodTemplateUpdate, and pkg/registry/batch/job, validationOptionsForJob.
/// </summary>
internal static class JobTemplateRules
{
    public static void ValidateUpdate(PodTemplateSpec template, Job before, FieldErrors errors)
    {
        var old = before.Spec.Template;
        var isSuspended = before.Spec.Suspend == true;
        var neverRan = isSuspended && before.Status.StartTime is null;
        var rests = isSuspended && before.Status.Active == 0 && before.Status.Conditions.Any(c => c is { Type: JobConditionType.Suspended, Status: "True" });
        if (neverRan || (rests && errors.Features.IsEnabled("MutableSchedulingDirectivesForSuspendedJobs")))
        {
            old = WithDirectives(old, template);
        }

        if ((neverRan || rests) && errors.Features.IsEnabled("MutablePodResourcesForSuspendedJobs"))
        {
            old = old with
            {
                Spec = old.Spec with { Containers = WithResources(old.Spec.Containers, template.Spec.Containers), InitContainers = WithResources(old.Spec.InitContainers, template.Spec.InitContainers) },
            };
        }

        errors.Same("spec.template", template, old);
    }

    private static PodTemplateSpec WithDirectives(PodTemplateSpec old, PodTemplateSpec now) => old with
    {
        Metadata = old.Metadata with { Annotations = now.Metadata.Annotations, Labels = now.Metadata.Labels },
        Spec = old.Spec with
        {
            Affinity = WithNodes(old.Spec.Affinity, now.Spec.Affinity),
            NodeSelector = now.Spec.NodeSelector,
            Tolerations = now.Spec.Tolerations,
            SchedulingGates = now.Spec.SchedulingGates,
        },
    };

    /// <summary>The affinity to nodes may change, and what is left empty by that may go.</summary>
    private static Affinity? WithNodes(Affinity? old, Affinity? now)
    {
        if (now is not null)
        {
            return (old ?? Affinity.Empty) with { NodeAffinity = now.NodeAffinity };
        }

        return old is null || old with { NodeAffinity = null } == Affinity.Empty ? null : old;
    }

    private static IReadOnlyList<Container> WithResources(IReadOnlyList<Container> old, IReadOnlyList<Container> now) =>
        old.Count != now.Count ? old : [.. old.Select((c, i) => c with { Resources = now[i].Resources })];
}
