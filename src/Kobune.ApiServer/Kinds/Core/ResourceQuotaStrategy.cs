using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Core;

/// <summary>Resource quotas.</summary>
internal sealed class ResourceQuotaStrategy : KindStrategy
{
    private const string Expressions = "spec.scopeSelector.matchExpressions";
    private static readonly string[] Compute = ["pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

    // What each scope can bound. Source: IsResourceQuotaScopeValidForResource.
    private static readonly Dictionary<string, string[]> Bounds = new(StringComparer.Ordinal)
    {
        ["Terminating"] = Compute,
        ["NotTerminating"] = Compute,
        ["NotBestEffort"] = Compute,
        ["PriorityClass"] = Compute,
        ["CrossNamespacePodAffinity"] = Compute,
        ["BestEffort"] = ["pods"],
        ["VolumeAttributesClass"] = ["persistentvolumeclaims", "requests.storage"],
    };

    public override (string Group, string Resource) Resource => ("", "resourcequotas");

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var spec = obj.Read<ResourceQuota>().Spec;
        Amounts(spec.Hard, "spec.hard", errors);
        Scopes(spec, errors);
        for (var i = 0; i < (spec.ScopeSelector?.MatchExpressions.Count ?? 0); i++)
        {
            Expression(spec.ScopeSelector!.MatchExpressions[i], spec, errors);
        }

        if (Conflict(spec.ScopeSelector?.MatchExpressions.Select(e => e.ScopeName) ?? []))
        {
            errors.Invalid(Expressions, spec.Scopes, "conflicting scopes");
        }
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<ResourceQuota>(), old.Read<ResourceQuota>());
        if (subresource == "status")
        {
            Amounts(now.Status.Hard, "status.hard", errors);
            Amounts(now.Status.Used, "status.used", errors);
            return;
        }

        Validate(obj, errors);
        if (!now.Spec.Scopes.ToHashSet().SetEquals(before.Spec.Scopes))
        {
            errors.Invalid("spec.scopes", now.Spec.Scopes, FieldRules.Immutable);
        }
    }

    private static void Amounts(IReadOnlyDictionary<string, Quantity> amounts, string path, FieldErrors errors)
    {
        foreach (var (name, value) in amounts.OrderBy(h => h.Key, StringComparer.Ordinal))
        {
            ResourceNames.OfQuota(name, $"{path}[{name}]", errors);
            ResourceNames.Value(name, value, $"{path}[{name}]", errors);
        }
    }

    private static void Scopes(ResourceQuotaSpec spec, FieldErrors errors)
    {
        foreach (var scope in spec.Scopes)
        {
            if (!Bounds.ContainsKey(scope))
            {
                errors.Invalid("spec.scopes", spec.Scopes, "unsupported scope");
            }

            foreach (var _ in Unbound(scope, spec))
            {
                errors.Invalid("spec.scopes", spec.Scopes, "unsupported scope applied to resource");
            }
        }

        if (Conflict(spec.Scopes))
        {
            errors.Invalid("spec.scopes", spec.Scopes, "conflicting scopes");
        }
    }

    // Upstream's paths are those of the whole list.
    private static void Expression(ScopedResourceSelectorRequirement expression, ResourceQuotaSpec spec, FieldErrors errors)
    {
        if (!Bounds.ContainsKey(expression.ScopeName))
        {
            errors.Invalid(Expressions + ".scopeName", expression.ScopeName, "unsupported scope");
        }

        foreach (var _ in Unbound(expression.ScopeName, spec))
        {
            errors.Invalid(Expressions, spec.ScopeSelector, "unsupported scope applied to resource");
        }

        if (expression.ScopeName is not ("PriorityClass" or "VolumeAttributesClass") && Bounds.ContainsKey(expression.ScopeName) && expression.Operator != "Exists")
        {
            errors.Invalid(
                Expressions + ".operator",
                expression.Operator,
                "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
        }

        switch (expression.Operator)
        {
            case "In" or "NotIn" when expression.Values.Count == 0:
                errors.Required(Expressions + ".values", "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
                break;
            case "Exists" or "DoesNotExist" when expression.Values.Count > 0:
                errors.Invalid(Expressions + ".values", expression.Values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
                break;
            case "In" or "NotIn" or "Exists" or "DoesNotExist":
                break;
            default:
                errors.Invalid(Expressions + ".operator", expression.Operator, "not a valid selector operator");
                break;
        }
    }

    private static IEnumerable<string> Unbound(string scope, ResourceQuotaSpec spec) =>
        Bounds.TryGetValue(scope, out var bound) ? spec.Hard.Keys.Where(name => ResourceNames.IsOfQuota(name) && !bound.Contains(name)) : [];

    private static bool Conflict(IEnumerable<string> scopes)
    {
        var all = scopes.ToHashSet(StringComparer.Ordinal);
        return all.IsSupersetOf(["BestEffort", "NotBestEffort"]) || all.IsSupersetOf(["Terminating", "NotTerminating"]);
    }
}
