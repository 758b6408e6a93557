using Kobune.Api.Core.V1;
using Kobune.Api.Schema;

namespace Kobune.Scheduler.Configuration;

/// <summary>The arguments of plugins. Source: pkg/scheduler/apis/config, types_pluginargs.go and validation.</summary>
internal static class PluginArguments
{
    /// <exception cref="FormatException">Arguments that are wrong, or a plugin that takes none here.</exception>
    public static SchedulerProfile Apply(SchedulerProfile profile, string plugin, ConfigNode args) => plugin switch
    {
        "PodTopologySpread" => profile with { DefaultConstraints = DefaultConstraints(args) },
        "InterPodAffinity" => profile with
        {
            HardPodAffinityWeight = Within(args, "hardPodAffinityWeight", 0, 100) ?? profile.HardPodAffinityWeight,
            IgnorePreferredTermsOfExistingPods = args.Flag("ignorePreferredTermsOfExistingPods") ?? profile.IgnorePreferredTermsOfExistingPods,
        },
        "DefaultPreemption" => profile with
        {
            MinCandidateNodesPercentage = Within(args, "minCandidateNodesPercentage", 0, 100) ?? profile.MinCandidateNodesPercentage,
            MinCandidateNodesAbsolute = Within(args, "minCandidateNodesAbsolute", 0, int.MaxValue) ?? profile.MinCandidateNodesAbsolute,
        },
        "NodeAffinity" => profile with { AddedAffinity = args.Record<NodeAffinity>("addedAffinity") },
        "NodeResourcesFit" => profile with
        {
            IgnoredResources = args.Texts("ignoredResources").ToHashSet(StringComparer.Ordinal),
            IgnoredResourceGroups = Groups(args),
            ScoringStrategy = args.Child("scoringStrategy") is { } strategy ? Strategy(strategy) : profile.ScoringStrategy,
        },
        "NodeResourcesBalancedAllocation" => profile with { BalancedResources = args.Items("resources") is { Count: > 0 } list ? [.. list.Select(r => Pair(r, "name", "weight", 1, 1).Name)] : profile.BalancedResources },
        "VolumeBinding" => profile with { BindTimeout = Within(args, "bindTimeoutSeconds", 0, int.MaxValue) is { } seconds ? TimeSpan.FromSeconds(seconds) : profile.BindTimeout },
        "DynamicResources" => profile with
        {
            DeviceFilterTimeout = Duration(args, "filterTimeout", TimeSpan.Zero) ?? profile.DeviceFilterTimeout,
            DeviceBindingTimeout = Duration(args, "bindingTimeout", TimeSpan.FromSeconds(1)) ?? profile.DeviceBindingTimeout,
        },
        _ => throw new FormatException($"{args.Path}: plugin \"{plugin}\" takes no arguments here"),
    };

    /// <summary>Null for the system's; an empty list for none at all.</summary>
    private static IReadOnlyList<TopologySpreadConstraint>? DefaultConstraints(ConfigNode args)
    {
        var type = args.Text("defaultingType") ?? "System";
        var list = args.Record<PodSpec>("defaultConstraints", "topologySpreadConstraints")?.TopologySpreadConstraints ?? [];
        if (type is not ("System" or "List"))
        {
            throw args.Wrong("defaultingType", "\"System\" or \"List\"");
        }

        if (type == "System" && list.Count > 0)
        {
            throw args.Wrong("defaultingType", "\"List\" when .defaultConstraints are not empty");
        }

        if (list.Any(c => c.LabelSelector is not null))
        {
            throw new FormatException($"{args.Path}.defaultConstraints: constraint must not define a selector, as they deduced for each pod");
        }

        return list.All(c => c is { MaxSkew: > 0, TopologyKey.Length: > 0, WhenUnsatisfiable: UnsatisfiableConstraintAction.DoNotSchedule or UnsatisfiableConstraintAction.ScheduleAnyway })
            ? type == "System" ? null : list
            : throw args.Wrong("defaultConstraints", "constraints with a maxSkew greater than zero, a topologyKey, and a whenUnsatisfiable of DoNotSchedule or ScheduleAnyway");
    }

    private static HashSet<string> Groups(ConfigNode args)
    {
        var groups = args.Texts("ignoredResourceGroups").ToHashSet(StringComparer.Ordinal);
        return groups.Any(g => g.Contains('/', StringComparison.Ordinal)) ? throw args.Wrong("ignoredResourceGroups", "names without a slash") : groups;
    }

    private static ScoringStrategy Strategy(ConfigNode node)
    {
        var strategy = new ScoringStrategy { Type = node.Text("type") ?? "LeastAllocated" };
        if (strategy.Type is not ("LeastAllocated" or "MostAllocated" or "RequestedToCapacityRatio"))
        {
            throw node.Wrong("type", "\"LeastAllocated\", \"MostAllocated\" or \"RequestedToCapacityRatio\"");
        }

        var resources = node.Items("resources").Select(r => Pair(r, "name", "weight", 1, 100)).ToList();
        var ratio = node.Child("requestedToCapacityRatio");
        var shape = ratio is null ? [] : ratio.Items("shape").Select(p => (Within(p, "utilization", 0, 100) ?? 0, Within(p, "score", 0, 10) ?? 0, Node: p)).ToList();
        shape.ForEach(p => p.Node.End());
        ratio?.End();
        node.End();
        if (strategy.Type == "RequestedToCapacityRatio" && (shape.Count == 0 || shape.Zip(shape.Skip(1)).Any(p => p.First.Item1 >= p.Second.Item1)))
        {
            throw node.Wrong("requestedToCapacityRatio", "at least one point, sorted by utilization");
        }

        return strategy with { Resources = resources.Count > 0 ? resources : strategy.Resources, Shape = [.. shape.Select(p => (p.Item1, p.Item2))] };
    }

    private static (string Name, int Weight) Pair(ConfigNode node, string name, string number, int least, int most)
    {
        var pair = (node.Text(name) ?? throw node.Wrong(name, "given"), Within(node, number, least, most) ?? least);
        node.End();
        return pair;
    }

    private static TimeSpan? Duration(ConfigNode node, string field, TimeSpan least) =>
        node.Text(field) is not { } text ? null : GoDuration.TryParse(text) is { } nanos && TimeSpan.FromTicks(nanos / TimeSpan.NanosecondsPerTick) is var duration && duration >= least ? duration : throw node.Wrong(field, $"a duration of at least {least.TotalSeconds}s");

    private static int? Within(ConfigNode node, string field, int least, int most) =>
        node.Number(field) is not { } number ? null : number >= least && number <= most ? number : throw node.Wrong(field, $"in the range [{least}-{most}]");
}
