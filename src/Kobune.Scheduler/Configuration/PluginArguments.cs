using Kobune.Api.Core.V1;
using Kobune.Api.Schema;
using Kobune.Api.Validation;

namespace Kobune.Scheduler.Configuration;

/// <summary>The arguments of plugins. Source: pkg/scheduler/apis/config, types_pluginargs.go and validation.</summary>
internal static class PluginArguments
{
    /// <exception cref="FormatException">Arguments of a wrong kind, or a plugin that takes none here.</exception>
    public static SchedulerProfile Apply(SchedulerProfile profile, string plugin, ConfigNode args) => plugin switch
    {
        "PodTopologySpread" => profile with { DefaultConstraints = SpreadArguments.DefaultConstraints(args) },
        "InterPodAffinity" => profile with
        {
            HardPodAffinityWeight = Within(args, "hardPodAffinityWeight", 0, 100, "not in valid range [0, 100]") ?? profile.HardPodAffinityWeight,
            IgnorePreferredTermsOfExistingPods = args.Flag("ignorePreferredTermsOfExistingPods") ?? profile.IgnorePreferredTermsOfExistingPods,
        },
        "DefaultPreemption" => Preemption(profile, args),
        "NodeAffinity" => profile with { AddedAffinity = args.Record<NodeAffinity>("addedAffinity") },
        "NodeResourcesFit" => profile with
        {
            IgnoredResources = ResourceArguments.Names(args, "ignoredResources", null).ToHashSet(StringComparer.Ordinal),
            IgnoredResourceGroups = ResourceArguments.Names(args, "ignoredResourceGroups", "resource group name can't contain '/'").ToHashSet(StringComparer.Ordinal),
            ScoringStrategy = args.Child("scoringStrategy") is { } strategy ? ResourceArguments.Strategy(strategy) : profile.ScoringStrategy,
        },
        "NodeResourcesBalancedAllocation" => ResourceArguments.Balance(args) is { Count: > 0 } resources ? profile with { BalancedResources = resources } : profile,
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

    /// <summary>A number, which is noted where it is out of its range.</summary>
    public static int? Within(ConfigNode node, string field, int least, int most, string detail)
    {
        var number = node.Number(field);
        if (number < least || number > most)
        {
            node.Problems.Invalid(node.At(field), number.Value, detail);
        }

        return number;
    }

    /// <summary>A name as labels have them.</summary>
    public static void CheckName(string name, string path, ConfigProblems problems)
    {
        foreach (var problem in NameValidation.QualifiedName(name))
        {
            problems.Invalid(path, name, problem);
        }
    }
}
