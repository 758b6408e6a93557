using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Features;
using Kobune.Api.Json;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>Daemon sets.</summary>
internal sealed class DaemonSetStrategy : KindStrategy
{
    private const string Path = "spec.updateStrategy";
    private const string TemplateGeneration = "deprecated.daemonset.template.generation";

    public override (string Group, string Resource) Resource => ("apps", "daemonsets");

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Need("spec");
        TemplateRules.ApplyDefaults(spec);
        var strategy = spec.Need("updateStrategy");
        strategy.DefaultEmpty("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            strategy.Need("rollingUpdate").Default("maxUnavailable", 1);
            strategy.Need("rollingUpdate").Default("maxSurge", 0);
        }
        else if (strategy.Child("rollingUpdate") is { } unused)
        {
            unused.Default("maxUnavailable", 0); // no default: the internal type has no pointers there
            unused.Default("maxSurge", 0);
        }

        spec.Default("revisionHistoryLimit", 10);
    }

    public override void PrepareForCreate(StrategyContext context, JsonObject obj) => Count(obj, Math.Max(1, Generation(obj)));

    /// <summary>The number of the template, upstream's internal spec.templateGeneration, which this version of the API shows as an annotation.</summary>
    public override void PrepareForUpdate(StrategyContext context, JsonObject obj, JsonObject old, string subresource)
    {
        var (template, before) = (obj.Child("spec", "template"), old.Child("spec", "template"));
        var isSame = JsonNode.DeepEquals(template, before) || Template(template).Equals(Template(before));
        Count(obj, Generation(old) + (isSame ? 0 : 1));
    }

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<DaemonSet>().Spec, PodTolerance.None, errors);

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features)
    {
        var now = obj.Read<DaemonSet>();
        return old?.Read<DaemonSet>().Spec == now.Spec ? [] : [.. PodWarnings.OfTemplate(now.Spec.Template, "spec.template.")];
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<DaemonSet>(), old.Read<DaemonSet>());
        if (subresource == "status")
        {
            WorkloadStatusRules.Validate(now.Status, before.Status, errors);
            return;
        }

        var tolerance = PodTolerance.Of(now.Spec.Template, before.Spec.Template, errors.Features).Or(before.Spec.Selector);
        Validate(now.Spec, tolerance, errors);
        Validate(now.Spec, tolerance, errors); // upstream looks twice, as at a new one and as at a change, and its causes tell all twice
        errors.Same("spec.selector", now.Spec.Selector, before.Spec.Selector);
    }

    private static long Generation(JsonObject obj) =>
        long.TryParse(obj.Child("metadata", "annotations").Text(TemplateGeneration), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Two texts may mean the same: "1000m" and "1".</summary>
    private static PodTemplateSpec Template(JsonObject? template) =>
        template is null ? PodTemplateSpec.Empty : JsonText.Read<PodTemplateSpec>(Encoding.UTF8.GetBytes(template.ToJsonString()));

    private static void Count(JsonObject obj, long generation) =>
        obj.Need("metadata").Need("annotations")[TemplateGeneration] = generation.ToString(CultureInfo.InvariantCulture);

    private static void Validate(DaemonSetSpec spec, PodTolerance tolerance, FieldErrors errors)
    {
        errors.Selector("spec.selector", spec.Selector, tolerance.SelectorValues);
        if (TemplateRules.IsSelector(spec.Selector) && (spec.Selector is null || !TemplateRules.Matches(spec.Selector, spec.Template.Metadata.Labels)))
        {
            TemplateRules.NotSelected(spec.Template, errors);
        }

        if (spec.Selector is not null && TemplateRules.IsEmpty(spec.Selector))
        {
            errors.Invalid("spec.selector", spec.Selector, "empty selector is invalid for daemonset");
        }

        TemplateRules.ValidateTemplate(spec.Template, "spec.template", tolerance, errors);
        TemplateRules.AlwaysRestarts(spec.Template, "DaemonSet", errors);
        errors.NonNegative("spec.minReadySeconds", spec.MinReadySeconds);
        switch (spec.UpdateStrategy.Type)
        {
            case "OnDelete":
                break;
            case "RollingUpdate":
                Rolling(spec.UpdateStrategy.RollingUpdate, errors);
                break;
            default:
                errors.NotSupported(Path, spec.UpdateStrategy, ["RollingUpdate", "OnDelete"]); // all of it, not the type
                break;
        }

        errors.NonNegative("spec.revisionHistoryLimit", spec.RevisionHistoryLimit);
    }

    private static void Rolling(RollingUpdateDaemonSet? rolling, FieldErrors errors)
    {
        if (rolling is null)
        {
            errors.Required(Path + ".rollingUpdate", "");
            return;
        }

        TemplateRules.IntOrPercent(rolling.MaxUnavailable, Path + ".rollingUpdate.maxUnavailable", errors);
        TemplateRules.IntOrPercent(rolling.MaxSurge, Path + ".rollingUpdate.maxSurge", errors);
        TemplateRules.NotOver100Percent(rolling.MaxUnavailable, Path + ".rollingUpdate.maxUnavailable", errors);
        TemplateRules.NotOver100Percent(rolling.MaxSurge, Path + ".rollingUpdate.maxSurge", errors);
        var (unavailable, surge) = (TemplateRules.Number(rolling.MaxUnavailable), TemplateRules.Number(rolling.MaxSurge));
        if (unavailable != 0 && surge != 0)
        {
            errors.Invalid(Path + ".rollingUpdate.maxSurge", rolling.MaxSurge, "may not be set when maxUnavailable is non-zero");
        }
        else if (unavailable == 0 && surge == 0)
        {
            errors.Required(Path + ".rollingUpdate.maxUnavailable", "cannot be 0 when maxSurge is 0");
        }
    }
}
