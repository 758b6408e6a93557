using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Kinds.Storage;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>
/// What a stateful set makes pods and claims from. Containers mount claims by the names of their templates, so these count as volumes. Older releases looked at neither,
/// so what was wrong before stays changeable. Source: pkg/apis/apps/validation and kubernetes/kubernetes#131790, #132212.
/// </summary>
internal static class StatefulTemplateRules
{
    public static void Validate(StatefulSetSpec spec, StatefulSetSpec? before, FieldErrors errors)
    {
        if (before is null || !IsWrong(before, ServiceName))
        {
            ServiceName(spec, errors);
        }

        if (before is null || !IsWrong(before, Claims))
        {
            Claims(spec, errors);
        }

        var tolerance = PodTolerance.Of(spec.Template, before?.Template, errors.Features);
        var checksSpec = before is null || !IsWrong(before, (s, e) => Template(s, tolerance, e));
        if (TemplateRules.Selected(spec.Selector, spec.Template, "statefulset", "", errors) && checksSpec)
        {
            Template(spec, tolerance, errors);
        }

        TemplateRules.AlwaysRestarts(spec.Template, "StatefulSet", errors);
    }

    private static void ServiceName(StatefulSetSpec spec, FieldErrors errors)
    {
        if (spec.ServiceName.Length > 0)
        {
            errors.Names("spec.serviceName", spec.ServiceName, NameValidation.Dns1123Label(spec.ServiceName));
        }
    }

    private static void Claims(StatefulSetSpec spec, FieldErrors errors)
    {
        for (var i = 0; i < spec.VolumeClaimTemplates.Count; i++)
        {
            ClaimSpecRules.Validate(spec.VolumeClaimTemplates[i].Spec, null, $"spec.volumeClaimTemplates[{i}].spec", errors);
        }
    }

    private static void Template(StatefulSetSpec spec, PodTolerance tolerance, FieldErrors errors)
    {
        var template = spec.Template;
        var names = spec.VolumeClaimTemplates.Select(c => c.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        IReadOnlyList<Volume> volumes =
        [
            .. template.Spec.Volumes.Where(v => !names.Contains(v.Name)),
            .. names.Select(n => Volume.Empty with { Name = n, PersistentVolumeClaim = PersistentVolumeClaimVolumeSource.Empty with { ClaimName = n } }),
        ];
        TemplateRules.ValidateTemplate(template with { Spec = template.Spec with { Volumes = volumes } }, "spec.template", tolerance, errors);
    }

    private static bool IsWrong(StatefulSetSpec spec, Action<StatefulSetSpec, FieldErrors> rule)
    {
        var errors = new FieldErrors();
        rule(spec, errors);
        return errors.Items.Count > 0;
    }
}
