using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Selectors;
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

    /// <summary>Template and selector: the selector is there, selects something, and selects the template's pods (upstream's ValidatePodTemplateSpecForReplicaSet and its like).</summary>
    public static void Validate(LabelSelector? selector, PodTemplateSpec template, string kind, FieldErrors errors)
    {
        const string path = "spec";
        if (selector is null)
        {
            errors.Required(path + ".selector", "");
        }
        else
        {
            errors.Selector(path + ".selector", selector);
            if (IsEmpty(selector))
            {
                errors.Invalid(path + ".selector", selector, $"empty selector is invalid for {kind}");
            }
        }

        ValidateTemplate(template, path + ".template", errors);
        if (selector is not null && !IsEmpty(selector) && !Matches(selector, template.Metadata.Labels))
        {
            errors.Invalid(path + ".template.metadata.labels", template.Metadata.Labels, "`selector` does not match template `labels`");
        }

        AlwaysRestarts(template, path, errors);
    }

    public static void ValidateTemplate(PodTemplateSpec template, string path, FieldErrors errors)
    {
        errors.Labels(path + ".labels", template.Metadata.Labels);
        PodMetadataRules.Validate(template.Metadata, template.Spec, path + ".annotations", errors);
        PodSpecValidation.Validate(template.Spec, path + ".spec", errors);
        PodMetadataRules.Profiles(template.Metadata.Annotations, template.Spec, path + ".spec", errors);
        if (template.Spec.EphemeralContainers.Count > 0)
        {
            errors.Forbidden(path + ".spec.ephemeralContainers", "ephemeral containers not allowed in pod template");
        }
    }

    public static void AlwaysRestarts(PodTemplateSpec template, string path, FieldErrors errors)
    {
        if (template.Spec.RestartPolicy is not ("Always" or ""))
        {
            errors.NotSupported(path + ".template.spec.restartPolicy", template.Spec.RestartPolicy, ["Always"]);
        }

        if (template.Spec.ActiveDeadlineSeconds is not null)
        {
            errors.Forbidden(path + ".template.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported");
        }
    }

    public static bool IsEmpty(LabelSelector selector) => selector.MatchLabels.Count == 0 && selector.MatchExpressions.Count == 0;

    public static bool Matches(LabelSelector selector, IReadOnlyDictionary<string, string> labels)
    {
        try
        {
            return Selector.From(selector).Matches(labels);
        }
        catch (FormatException)
        {
            return true; // told already by the selector's own validation
        }
    }

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
