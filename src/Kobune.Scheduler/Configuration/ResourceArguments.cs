namespace Kobune.Scheduler.Configuration;

/// <summary>The arguments of NodeResourcesFit and NodeResourcesBalancedAllocation.</summary>
internal static class ResourceArguments
{
    private const string Ratio = "RequestedToCapacityRatio";
    private const int MostCustomScore = 10;

    /// <summary>Names of resources, or of what stands before their slash.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="field">Their field.</param>
    /// <param name="withSlash">What is said of a name with a slash; null when it may have one.</param>
    public static IReadOnlyList<string> Names(ConfigNode args, string field, string? withSlash)
    {
        var names = args.Texts(field);
        for (var i = 0; i < names.Count; i++)
        {
            if (withSlash is not null && names[i].Contains('/', StringComparison.Ordinal))
            {
                args.Problems.Invalid($"{args.At(field)}[{i}]", names[i], withSlash);
            }

            PluginArguments.CheckName(names[i], $"{args.At(field)}[{i}]", args.Problems);
        }

        return names;
    }

    /// <summary>How nodes are scored.</summary>
    public static ScoringStrategy Strategy(ConfigNode node)
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

    private static List<(int Utilization, int Score)> Shape(ConfigNode node, bool isUsed)
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
            PluginArguments.Within(point, "utilization", 0, 100, "not in valid range [0, 100]");
            PluginArguments.Within(point, "score", 0, MostCustomScore, $"not in valid range [0, {MostCustomScore}]");
        }

        return shape;
    }

    /// <summary>The resources whose use is balanced.</summary>
    public static IReadOnlyList<string> Balance(ConfigNode args)
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
}
