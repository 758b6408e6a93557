using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Selectors;
using Kobune.Api.Validation;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>What all kinds that make pods from a template share.</summary>
internal static class TemplateRules
{
    public static void ApplyDefaults(JsonObject spec)
    {
        PodDefaults.ApplyToSpec(spec.Need("template").Need("spec"));
    }

    /// <summary>Template and selector of Deployments and ReplicaSets, for which upstream has the same words (ValidatePodTemplateSpecForReplicaSet).</summary>
    public static void Validate(LabelSelector? selector, PodTemplateSpec template, PodTemplateSpec? old, FieldErrors errors)
    {
        if (!Selected(selector, template, "deployment", "invalid label selector", errors))
        {
            return;
        }

        ValidateTemplate(template, "spec.template", PodTolerance.Of(template, old, errors.Features), errors);
        AlwaysRestarts(template, "ReplicaSet", errors);
    }

    /// <summary>The selector is there, selects something, and selects the template's pods. False when it is no selector at all: then nobody looks at the template.</summary>
    public static bool Selected(LabelSelector? selector, PodTemplateSpec template, string kind, string noSelector, FieldErrors errors)
    {
        const string path = "spec.selector";
        if (selector is null)
        {
            errors.Required(path, "");
        }
        else
        {
            errors.Selector(path, selector);
            if (IsEmpty(selector))
            {
                errors.Invalid(path, selector, $"empty selector is invalid for {kind}");
            }
        }

        if (!IsSelector(selector))
        {
            errors.Invalid(path, selector, noSelector);
            return false;
        }

        // None at all selects nothing, and upstream tells that of the labels too.
        if (selector is null || !Selector.From(selector).Matches(template.Metadata.Labels))
        {
            NotSelected(template, errors);
        }

        return true;
    }

    public static void NotSelected(PodTemplateSpec template, FieldErrors errors) =>
        errors.Invalid("spec.template.metadata.labels", template.Metadata.Labels.Count == 0 ? null : template.Metadata.Labels, "`selector` does not match template `labels`");

    public static void ValidateTemplate(PodTemplateSpec template, string path, PodTolerance tolerance, FieldErrors errors)
    {
        errors.Labels(path + ".labels", template.Metadata.Labels);
        MetadataValidation.Annotations(path + ".annotations", template.Metadata.Annotations.Select(a => (a.Key, a.Value)), errors);
        PodMetadataRules.Validate(template.Metadata, template.Spec, path + ".annotations", tolerance.DeletionCost, errors);
        PodSpecValidation.Validate(template.Spec, null, path + ".spec", tolerance, errors);
        PodMetadataRules.Profiles(template.Metadata.Annotations, template.Spec, path + ".spec", errors);
        if (template.Spec.EphemeralContainers.Count > 0)
        {
            errors.Forbidden(path + ".spec.ephemeralContainers", "ephemeral containers not allowed in pod template");
        }
    }

    public static void AlwaysRestarts(PodTemplateSpec template, string kind, FieldErrors errors)
    {
        const string path = "spec.template.spec";
        if (template.Spec.RestartPolicy is not ("Always" or ""))
        {
            errors.NotSupported(path + ".restartPolicy", template.Spec.RestartPolicy, ["Always"]);
        }

        if (template.Spec.ActiveDeadlineSeconds is not null)
        {
            errors.Forbidden(path + ".activeDeadlineSeconds", $"activeDeadlineSeconds in {kind} is not Supported");
        }
    }

    public static bool IsEmpty(LabelSelector selector) => selector.MatchLabels.Count == 0 && selector.MatchExpressions.Count == 0;

    public static bool IsSelector(LabelSelector? selector)
    {
        try
        {
            _ = Selector.From(selector);
            return selector is null || selector.MatchLabels.All(l => NameValidation.QualifiedName(l.Key).Count + NameValidation.LabelValue(l.Value).Count == 0);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    public static bool Matches(LabelSelector selector, IReadOnlyDictionary<string, string> labels) =>
        !IsSelector(selector) || Selector.From(selector).Matches(labels); // what is none has been told already

    /// <summary>A count or a percentage, as rolling updates take them.</summary>
    public static void IntOrPercent(IntOrString? value, string path, FieldErrors errors)
    {
        if (value is not { } given)
        {
            return;
        }

        if (!given.IsString)
        {
            errors.NonNegative(path, given.IntValue);
        }
        else if (!IsPercent(given.StringValue))
        {
            errors.Invalid(path, given, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
        }
    }

    public static void NotOver100Percent(IntOrString? value, string path, FieldErrors errors)
    {
        if (value is { IsString: true } given && IsPercent(given.StringValue) && Number(given) > 100)
        {
            errors.Invalid(path, given, "must not be greater than 100%");
        }
    }

    /// <summary>The number in a count or percentage.</summary>
    public static int Number(IntOrString? value) =>
        value is not { } given ? 0 : !given.IsString ? given.IntValue : int.TryParse(given.StringValue.AsSpan().TrimEnd('%'), out var percent) ? percent : 0;

    private static bool IsPercent(string text) => text.Length > 1 && text[^1] == '%' && text.AsSpan(0, text.Length - 1).IndexOfAnyExceptInRange('0', '9') < 0;
}
