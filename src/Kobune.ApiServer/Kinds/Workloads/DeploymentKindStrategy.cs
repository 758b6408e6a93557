using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Features;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Workloads;

/// <summary>Deployments.</summary>
internal sealed class DeploymentKindStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("apps", "deployments");

    public override void ApplyDefaults(JsonObject obj)
    {
        var spec = obj.Need("spec");
        TemplateRules.ApplyDefaults(spec);
        spec.Default("replicas", 1);
        var strategy = spec.Need("strategy");
        strategy.DefaultEmpty("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            strategy.Need("rollingUpdate").Default("maxUnavailable", "25%");
            strategy.Need("rollingUpdate").Default("maxSurge", "25%");
        }

        spec.Default("revisionHistoryLimit", 10);
        spec.Default("progressDeadlineSeconds", 600);
    }

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<Deployment>().Spec, null, errors);

    public override IEnumerable<string> Warnings(EncodedObject obj, EncodedObject? old, FeatureGates features)
    {
        var now = obj.Read<Deployment>();
        return old?.Read<Deployment>().Spec == now.Spec ? [] : [.. NameWarnings.OfPods(now.Metadata.Name, old), .. PodWarnings.OfTemplate(now.Spec.Template, "spec.template.")];
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource == "status")
        {
            WorkloadStatusRules.Validate(obj.Read<Deployment>().Status, old.Read<Deployment>().Status, errors);
            return;
        }

        var (now, before) = (obj.Read<Deployment>().Spec, old.Read<Deployment>().Spec);
        Validate(now, before, errors);
        errors.Same("spec.selector", now.Selector, before.Selector);
    }

    private static void Validate(DeploymentSpec spec, DeploymentSpec? old, FieldErrors errors)
    {
        errors.NonNegative("spec.replicas", spec.Replicas);
        TemplateRules.Validate(spec.Selector, spec.Template, old?.Template, errors);
        Strategy(spec.Strategy, errors);
        errors.NonNegative("spec.minReadySeconds", spec.MinReadySeconds);
        errors.NonNegative("spec.revisionHistoryLimit", spec.RevisionHistoryLimit);
        if (spec.ProgressDeadlineSeconds is { } deadline)
        {
            errors.NonNegative("spec.progressDeadlineSeconds", deadline);
            if (deadline <= spec.MinReadySeconds)
            {
                errors.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
            }
        }
    }

    private static void Strategy(DeploymentStrategy strategy, FieldErrors errors)
    {
        const string path = "spec.strategy";
        switch (strategy.Type)
        {
            case "Recreate":
                if (strategy.RollingUpdate is not null)
                {
                    errors.Forbidden(path + ".rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
                }

                break;
            case "RollingUpdate":
                if (strategy.RollingUpdate is not { } rolling)
                {
                    errors.Required(path + ".rollingUpdate", "this should be defaulted and never be nil");
                    break;
                }

                TemplateRules.IntOrPercent(rolling.MaxUnavailable, path + ".rollingUpdate.maxUnavailable", errors);
                TemplateRules.IntOrPercent(rolling.MaxSurge, path + ".rollingUpdate.maxSurge", errors);
                if (TemplateRules.Number(rolling.MaxUnavailable) == 0 && TemplateRules.Number(rolling.MaxSurge) == 0)
                {
                    errors.Invalid(path + ".rollingUpdate.maxUnavailable", rolling.MaxUnavailable, "may not be 0 when `maxSurge` is 0");
                }

                TemplateRules.NotOver100Percent(rolling.MaxUnavailable, path + ".rollingUpdate.maxUnavailable", errors);
                break;
            default:
                errors.NotSupported(path, strategy, ["Recreate", "RollingUpdate"]); // all of it, not the type
                break;
        }
    }
}
