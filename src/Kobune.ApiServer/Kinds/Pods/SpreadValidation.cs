using Kobune.Api.Core.V1;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>How pods are spread over topologies (upstream's validateTopologySpreadConstraints).</summary>
internal static class SpreadValidation
{
    public static void Validate(IReadOnlyList<TopologySpreadConstraint> constraints, string path, PodTolerance tolerance, FieldErrors errors)
    {
        for (var i = 0; i < constraints.Count; i++)
        {
            var (constraint, at) = (constraints[i], $"{path}[{i}]");
            if (constraint.MaxSkew <= 0)
            {
                errors.Invalid(at + ".maxSkew", constraint.MaxSkew, "must be greater than zero");
            }

            if (constraint.TopologyKey.Length == 0)
            {
                errors.Required(at + ".topologyKey", "can not be empty");
            }

            if (constraint.WhenUnsatisfiable is not ("DoNotSchedule" or "ScheduleAnyway"))
            {
                errors.NotSupported(at + ".whenUnsatisfiable", constraint.WhenUnsatisfiable, ["DoNotSchedule", "ScheduleAnyway"]);
            }

            if (constraints.Skip(i + 1).Any(c => c.TopologyKey == constraint.TopologyKey && c.WhenUnsatisfiable == constraint.WhenUnsatisfiable))
            {
                errors.Duplicate(at + ".{topologyKey, whenUnsatisfiable}", $"{{{constraint.TopologyKey}, {constraint.WhenUnsatisfiable}}}");
            }

            MinDomains(constraint, at + ".minDomains", errors);
            Policy(constraint.NodeAffinityPolicy, at + ".nodeAffinityPolicy", errors);
            Policy(constraint.NodeTaintsPolicy, at + ".nodeTaintsPolicy", errors);
            LabelKeyRules.Spread(constraint, at, tolerance.OtherSpreadKeys, errors);
            if (!tolerance.SpreadSelectors)
            {
                errors.Selector(at + ".labelSelector", constraint.LabelSelector);
            }
        }
    }

    private static void MinDomains(TopologySpreadConstraint constraint, string path, FieldErrors errors)
    {
        if (constraint.MinDomains is not { } domains)
        {
            return;
        }

        if (domains <= 0)
        {
            errors.Invalid(path, domains, "must be greater than zero");
        }

        if (constraint.WhenUnsatisfiable != "DoNotSchedule")
        {
            errors.Invalid(path, domains, $"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {constraint.WhenUnsatisfiable}");
        }
    }

    private static void Policy(string? policy, string path, FieldErrors errors)
    {
        if (policy is not (null or "Honor" or "Ignore"))
        {
            errors.NotSupported(path, policy, ["Honor", "Ignore"]);
        }
    }
}
