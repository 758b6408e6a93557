using Kobune.Api;
using Kobune.Api.Policy.V1;
using Kobune.ApiServer.Kinds.Workloads;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Policy;

/// <summary>Pod disruption budgets.</summary>
internal sealed class PodDisruptionBudgetStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("policy", "poddisruptionbudgets");

    public override void Validate(EncodedObject obj, FieldErrors errors) => Validate(obj.Read<PodDisruptionBudget>().Spec, anyValues: false, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        if (subresource != "status")
        {
            Validate(obj.Read<PodDisruptionBudget>().Spec, FieldRules.HasInvalidValue(old.Read<PodDisruptionBudget>().Spec.Selector), errors);
            return;
        }

        var status = obj.Read<PodDisruptionBudget>().Status;
        ConditionRules.Validate(status.Conditions, "status.conditions", errors);
        errors.NonNegative("status.disruptionsAllowed", status.DisruptionsAllowed);
        errors.NonNegative("status.currentHealthy", status.CurrentHealthy);
        errors.NonNegative("status.desiredHealthy", status.DesiredHealthy);
        errors.NonNegative("status.expectedPods", status.ExpectedPods);
    }

    private static void Validate(PodDisruptionBudgetSpec spec, bool anyValues, FieldErrors errors)
    {
        if (spec.MinAvailable is not null && spec.MaxUnavailable is not null)
        {
            errors.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
        }

        TemplateRules.IntOrPercent(spec.MinAvailable, "spec.minAvailable", errors);
        TemplateRules.NotOver100Percent(spec.MinAvailable, "spec.minAvailable", errors);
        TemplateRules.IntOrPercent(spec.MaxUnavailable, "spec.maxUnavailable", errors);
        TemplateRules.NotOver100Percent(spec.MaxUnavailable, "spec.maxUnavailable", errors);
        errors.Selector("spec.selector", spec.Selector, anyValues);
        if (spec.UnhealthyPodEvictionPolicy is { } policy and not ("AlwaysAllow" or "IfHealthyBudget"))
        {
            errors.NotSupported("spec.unhealthyPodEvictionPolicy", policy, ["AlwaysAllow", "IfHealthyBudget"]);
        }
    }
}
