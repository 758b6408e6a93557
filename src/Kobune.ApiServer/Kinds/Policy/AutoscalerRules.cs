using Kobune.Api.Autoscaling.V2;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Policy;

/// <summary>An autoscaler's spec. Source: pkg/apis/autoscaling/validation and the options of pkg/registry/autoscaling.</summary>
internal static class AutoscalerRules
{
    private const int MaxPeriod = 1800;
    private const int MaxWindow = 3600;

    public static void Validate(HorizontalPodAutoscalerSpec spec, HorizontalPodAutoscalerSpec? before, FieldErrors errors)
    {
        var least = errors.Features.IsEnabled("HPAScaleToZero") || before?.MinReplicas == 0 ? 0 : 1;
        if (spec.MinReplicas < least)
        {
            errors.Invalid("spec.minReplicas", spec.MinReplicas, $"must be greater than or equal to {least}");
        }

        if (spec.MaxReplicas < 1)
        {
            errors.Invalid("spec.maxReplicas", spec.MaxReplicas, "must be greater than 0");
        }

        if (spec.MinReplicas > spec.MaxReplicas)
        {
            errors.Invalid("spec.maxReplicas", spec.MaxReplicas, "must be greater than or equal to `minReplicas`");
        }

        Target(spec.ScaleTargetRef, before?.ScaleTargetRef, errors);
        Metrics(spec, before, errors);
        Scaling(spec.Behavior?.ScaleUp, "spec.behavior.scaleUp", errors);
        Scaling(spec.Behavior?.ScaleDown, "spec.behavior.scaleDown", errors);
    }

    /// <summary>An object of any kind. Its version is looked at when it is new: releases before did not.</summary>
    public static void Reference(CrossVersionObjectReference reference, bool checksVersion, bool mayLackGroup, string path, FieldErrors errors)
    {
        errors.RequiredName(path + ".kind", reference.Kind, NameValidation.PathSegmentName);
        errors.RequiredName(path + ".name", reference.Name, NameValidation.PathSegmentName);
        if (checksVersion && VersionProblem(reference.APIVersion, mayLackGroup) is { } problem)
        {
            errors.Invalid(path + ".apiVersion", reference.APIVersion, problem);
        }
    }

    private static string? VersionProblem(string version, bool mayLackGroup) =>
        version.Count(c => c == '/') > 1 ? "unexpected GroupVersion string: " + version
        : !mayLackGroup && version.IndexOf('/', StringComparison.Ordinal) <= 0 ? "apiVersion must specify API group"
        : null;

    private static void Target(CrossVersionObjectReference now, CrossVersionObjectReference? before, FieldErrors errors)
    {
        var isKnown = before?.APIVersion == now.APIVersion && before?.Kind == now.Kind;
        Reference(now, !isKnown, mayLackGroup: now.Kind == "ReplicationController", "spec.scaleTargetRef", errors);
    }

    private static void Metrics(HorizontalPodAutoscalerSpec spec, HorizontalPodAutoscalerSpec? before, FieldErrors errors)
    {
        var checksVersions = before?.Metrics.Any(m => m is { Type: "Object", Object: { } source } && VersionProblem(source.DescribedObject.APIVersion, mayLackGroup: true) is not null) != true;
        for (var i = 0; i < spec.Metrics.Count; i++)
        {
            MetricRules.Validate(spec.Metrics[i], checksVersions, $"spec.metrics[{i}]", errors);
        }

        if (spec.MinReplicas == 0 && !spec.Metrics.Any(m => m.Type is "Object" or "External"))
        {
            errors.Forbidden("spec.metrics", "must specify at least one Object or External metric to support scaling to zero replicas");
        }
    }

    private static void Scaling(HPAScalingRules? rules, string path, FieldErrors errors)
    {
        if (rules is null)
        {
            return;
        }

        if (rules.StabilizationWindowSeconds < 0)
        {
            errors.Invalid(path + ".stabilizationWindowSeconds", rules.StabilizationWindowSeconds, "must be greater than or equal to zero");
        }

        if (rules.StabilizationWindowSeconds > MaxWindow)
        {
            errors.Invalid(path + ".stabilizationWindowSeconds", rules.StabilizationWindowSeconds, $"must be less than or equal to {MaxWindow}");
        }

        if (rules.SelectPolicy is { } select and not ("Disabled" or "Max" or "Min"))
        {
            errors.NotSupported(path + ".selectPolicy", select, ["Disabled", "Max", "Min"]);
        }

        if (rules.Policies.Count == 0)
        {
            errors.Required(path + ".policies", "must specify at least one Policy");
        }

        for (var i = 0; i < rules.Policies.Count; i++)
        {
            Policy(rules.Policies[i], $"{path}.policies[{i}]", errors);
        }

        if (rules.Tolerance is { } tolerance)
        {
            errors.NonNegative(path + ".tolerance", tolerance);
        }
    }

    private static void Policy(HPAScalingPolicy policy, string path, FieldErrors errors)
    {
        if (policy.Type is not ("Percent" or "Pods"))
        {
            errors.NotSupported(path + ".type", policy.Type, ["Percent", "Pods"]);
        }

        if (policy.Value <= 0)
        {
            errors.Invalid(path + ".value", policy.Value, "must be greater than zero");
        }

        if (policy.PeriodSeconds <= 0)
        {
            errors.Invalid(path + ".periodSeconds", policy.PeriodSeconds, "must be greater than zero");
        }

        if (policy.PeriodSeconds > MaxPeriod)
        {
            errors.Invalid(path + ".periodSeconds", policy.PeriodSeconds, $"must be less than or equal to {MaxPeriod}");
        }
    }
}
