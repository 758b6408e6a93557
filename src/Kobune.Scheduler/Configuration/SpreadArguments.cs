using Kobune.Api.Core.V1;

namespace Kobune.Scheduler.Configuration;

/// <summary>The arguments of PodTopologySpread.</summary>
internal static class SpreadArguments
{
    /// <summary>Null for the system's; an empty list for none at all.</summary>
    public static IReadOnlyList<TopologySpreadConstraint>? DefaultConstraints(ConfigNode args)
    {
        var (type, path, problems) = (args.Text("defaultingType") ?? "System", args.At("defaultConstraints"), args.Problems);
        var list = args.Record<PodSpec>("defaultConstraints", "topologySpreadConstraints")?.TopologySpreadConstraints ?? [];
        if (type is not ("System" or "List"))
        {
            problems.NotSupported(args.At("defaultingType"), type, "System", "List");
        }
        else if (type == "System" && list.Count > 0)
        {
            problems.Invalid(args.At("defaultingType"), type, "when .defaultConstraints are not empty");
        }

        for (var i = 0; i < list.Count; i++)
        {
            Check(list[i], $"{path}[{i}]", problems);
            if (list.Take(i).Any(c => (c.TopologyKey, c.WhenUnsatisfiable) == (list[i].TopologyKey, list[i].WhenUnsatisfiable)))
            {
                problems.Duplicate($"{path}[{i}]", $"{{{list[i].TopologyKey}, {list[i].WhenUnsatisfiable}}}");
            }
        }

        return type == "System" ? null : list;
    }

    private static void Check(TopologySpreadConstraint constraint, string path, ConfigProblems problems)
    {
        if (constraint.MaxSkew <= 0)
        {
            problems.Invalid($"{path}.maxSkew", constraint.MaxSkew, "not in valid range (0, inf)");
        }

        if (constraint.TopologyKey.Length == 0)
        {
            problems.Required($"{path}.topologyKey", "can not be empty");
        }
        else
        {
            PluginArguments.CheckName(constraint.TopologyKey, $"{path}.topologyKey", problems);
        }

        if (constraint.WhenUnsatisfiable.Length == 0)
        {
            problems.Required($"{path}.whenUnsatisfiable", "can not be empty");
        }
        else if (constraint.WhenUnsatisfiable is not (UnsatisfiableConstraintAction.DoNotSchedule or UnsatisfiableConstraintAction.ScheduleAnyway))
        {
            problems.NotSupported($"{path}.whenUnsatisfiable", constraint.WhenUnsatisfiable, UnsatisfiableConstraintAction.DoNotSchedule, UnsatisfiableConstraintAction.ScheduleAnyway);
        }

        if (constraint.LabelSelector is not null)
        {
            problems.Forbidden($"{path}.labelSelector", "constraint must not define a selector, as they deduced for each pod");
        }
    }
}
