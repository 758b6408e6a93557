using Kobune.Api.Core.V1;
using Kobune.Api.Schema;
using Kobune.Api.Validation;

namespace Kobune.Scheduler.Configuration;

/// <summary>The arguments of plugins. Source: pkg/scheduler/apis/config, types_pluginargs.go and validation.</summary>
internal static class PluginArguments
{
    private const string Ratio = "RequestedToCapacityRatio";
    private const int MostCustomScore = 10;

    /// <exception cref="FormatException">Arguments of a wrong kind, or a plugin that takes none here.</exception>
    public static SchedulerProfile Apply(SchedulerProfile profile, string plugin, ConfigNode args) => plugin switch
    {
        "PodTopologySpread" => profile with { DefaultConstraints = DefaultConstraints(args) },
        "InterPodAffinity" => profile with
        {
            HardPodAffinityWeight = Within(args, "hardPodAffinityWeight", 0, 100, "not in valid range [0, 100]") ?? profile.HardPodAffinityWeight,
            IgnorePreferredTermsOfExistingPods = args.Flag("ignorePreferredTermsOfExistingPods") ?? profile.IgnorePreferredTermsOfExistingPods,
        },
        "DefaultPreemption" => Preemption(profile, args),
        "NodeAffinity" => profile with { AddedAffinity = args.Record<NodeAffinity>("addedAffinity") },
        "NodeResourcesFit" => profile with
        {
            IgnoredResources = Names(args, "ignoredResources", null).ToHashSet(StringComparer.Ordinal),
            IgnoredResourceGroups = Names(args, "ignoredResourceGroups", "resource group name can't contain '/'").ToHashSet(StringComparer.Ordinal),
            ScoringStrategy = args.Child("scoringStrategy") is { } strategy ? Strategy(strategy) : profile.ScoringStrategy,
        },
        "NodeResourcesBalancedAllocation" => Balance(args) is { Count: > 0 } resources ? profile with { BalancedResources = resources } : profile,
        "VolumeBinding" => profile with { BindTimeout = BindTimeout(args) ?? profile.BindTimeout },
        "DynamicResources" => profile with
        {
            DeviceFilterTimeout = Duration(args, "filterTimeout", TimeSpan.Zero, "must be zero or positive") ?? profile.DeviceFilterTimeout,
            DeviceBindingTimeout = Duration(args, "bindingTimeout", TimeSpan.FromSeconds(1), "must be at least 1 second") ?? profile.DeviceBindingTimeout,
        },
        _ => throw new FormatException($"{args.Path}: plugin \"{plugin}\" takes no arguments here"),
    };

    private static SchedulerProfile Preemption(SchedulerProfile profile, ConfigNode args)
    {
        const string Percentage = "minCandidateNodesPercentage";
        const string Absolute = "minCandidateNodesAbsolute";
        var percentage = Within(args, Percentage, 0, 100, "not in valid range [0, 100]") ?? profile.MinCandidateNodesPercentage;
        var absolute = Within(args, Absolute, 0, int.MaxValue, "not in valid range [0, inf)") ?? profile.MinCandidateNodesAbsolute;
        if (percentage == 0 && absolute == 0)
        {
            args.Problems.Invalid(args.At(Percentage), 0, $"cannot be zero at the same time as {Absolute}");
            args.Problems.Invalid(args.At(Absolute), 0, $"cannot be zero at the same time as {Percentage}");
        }

        return profile with { MinCandidateNodesPercentage = percentage, MinCandidateNodesAbsolute = absolute };
    }

    /// <summary>Null for the system's; an empty list for none at all.</summary>
    private static IReadOnlyList<TopologySpreadConstraint>? DefaultConstraints(ConfigNode args)
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
            CheckName(constraint.TopologyKey, $"{path}.topologyKey", problems);
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

    private static IReadOnlyList<string> Names(ConfigNode args, string field, string? withSlash)
    {
        var names = args.Texts(field);
        for (var i = 0; i < names.Count; i++)
        {
            if (withSlash is not null && names[i].Contains('/', StringComparison.Ordinal))
            {
                args.Problems.Invalid($"{args.At(field)}[{i}]", names[i], withSlash);
            }

            CheckName(names[i], $"{args.At(field)}[{i}]", args.Problems);
        }

        return names;
    }

    private static void CheckName(string name, string path, ConfigProblems problems)
    {
        foreach (var problem in NameValidation.QualifiedName(name))
        {
            problems.Invalid(path, name, problem);
        }
    }

    private static ScoringStrategy Strategy(ConfigNode node)
    {
        string[] types = ["LeastAllocated", "MostAllocated", Ratio];
        var strategy = new ScoringStrategy { Type = node.Text("type") ?? "" };
        if (!types.Contains(strategy.Type))
        {
            node.Problems.NotSupported(node.At("type"), strategy.Type, types);
        }

        var resources = node.Items("resources").Select(r => Weighed(r, 1, 100, name => $"resource weight of {name} not in valid range (0, 100]")).ToList();
        var (ratio, path) = (node.Child("requestedToCapacityRatio"), node.At("requestedToCapacityRatio"));
        if (strategy.Type == Ratio && ratio is null)
        {
            node.Problems.Required(path, "must be specified when type is RequestedToCapacityRatio");
        }
        else if (strategy.Type != Ratio && ratio is not null)
        {
            node.Problems.Forbidden(path, "must be nil when type is not RequestedToCapacityRatio");
        }

        var shape = ratio is null ? [] : Shape(ratio, isUsed: strategy.Type == Ratio);
        ratio?.End();
        node.End();
        return strategy with { Resources = resources.Count > 0 ? resources : strategy.Resources, Shape = shape };
    }

    private static IReadOnlyList<(int Utilization, int Score)> Shape(ConfigNode node, bool isUsed)
    {
        var (points, path) = (node.Items("shape"), node.At("shape"));
        var shape = points.Select(p => (Utilization: p.Number("utilization") ?? 0, Score: p.Number("score") ?? 0)).ToList();
        foreach (var point in points)
        {
            point.End();
        }

        if (!isUsed)
        {
            return shape;
        }

        if (shape.Count == 0)
        {
            node.Problems.Required(path, "at least one point must be specified");
        }

        if (Enumerable.Range(1, Math.Max(0, shape.Count - 1)).FirstOrDefault(i => shape[i - 1].Utilization >= shape[i].Utilization) is > 0 and var unsorted)
        {
            node.Problems.Invalid($"{path}[{unsorted}].utilization", shape[unsorted].Utilization, "values must be sorted in increasing order");
        }

        foreach (var point in points)
        {
            Within(point, "utilization", 0, 100, "not in valid range [0, 100]");
            Within(point, "score", 0, MostCustomScore, $"not in valid range [0, {MostCustomScore}]");
        }

        return shape;
    }

    private static IReadOnlyList<string> Balance(ConfigNode args)
    {
        var names = new List<string>();
        foreach (var item in args.Items("resources"))
        {
            var (name, _) = Weighed(item, 1, 1, _ => "must be 1");
            if (names.Contains(name))
            {
                args.Problems.Duplicate(item.At("name"), name);
            }

            names.Add(name);
        }

        return names;
    }

    /// <summary>A weight of 0 is one that was not given.</summary>
    private static (string Name, int Weight) Weighed(ConfigNode node, int least, int most, Func<string, string> detail)
    {
        var name = node.Text("name") ?? throw node.Wrong("name", "given");
        var weight = node.Number("weight") is { } given and not 0 ? given : 1;
        if (weight < least || weight > most)
        {
            node.Problems.Invalid(node.At("weight"), weight, detail(name));
        }

        node.End();
        return (name, weight);
    }

    private static TimeSpan? BindTimeout(ConfigNode args)
    {
        if (args.Items("shape").Count > 0)
        {
            args.Problems.InvalidText(args.At("shape"), args.Shown("shape"), "unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring");
        }

        return Within(args, "bindTimeoutSeconds", 0, int.MaxValue, "invalid BindTimeoutSeconds, should not be a negative value") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private static TimeSpan? Duration(ConfigNode node, string field, TimeSpan least, string detail)
    {
        var span = Surroundings.Span(node, field);
        if (span < least)
        {
            node.Problems.InvalidText(node.At(field), GoDuration.Format(span.Value), detail);
        }

        return span;
    }

    private static int? Within(ConfigNode node, string field, int least, int most, string detail)
    {
        var number = node.Number(field);
        if (number < least || number > most)
        {
            node.Problems.Invalid(node.At(field), number.Value, detail);
        }

        return number;
    }
}
