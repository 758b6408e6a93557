using System.Text.Json.Nodes;

namespace Kobune.Scheduler.Configuration;

/// <summary>
/// Reads a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1). What this scheduler cannot do is refused by name: arguments
/// of plugins that take none here. Source: pkg/scheduler/apis/config.
/// </summary>
public static class SchedulerConfiguration
{
    private const string ApiVersion = "kubescheduler.config.k8s.io/v1";

    private static readonly string[] Points =
        ["multiPoint", "preEnqueue", "queueSort", "preFilter", "filter", "postFilter", "preScore", "score", "reserve", "permit", "preBind", "bind", "postBind"];

    /// <summary>Plugins of older releases, which core's API version stands for in what is said of them.</summary>
    private static readonly string[] Removed = ["AzureDiskLimits", "CinderLimits", "EBSLimits", "GCEPDLimits"];

    /// <summary>The settings with those of the file in their place.</summary>
    /// <param name="file">The file's content.</param>
    /// <param name="defaults">What the file leaves out.</param>
    /// <exception cref="FormatException">The fields, and what is wrong with them.</exception>
    public static SchedulerOptions Apply(JsonObject file, SchedulerOptions defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        var problems = new ConfigProblems();
        var root = new ConfigNode(file, "", problems);
        if ((root.Text("apiVersion"), root.Text("kind")) is not (ApiVersion, "KubeSchedulerConfiguration"))
        {
            throw new FormatException($"no kind \"{root.Text("kind")}\" is registered for version \"{root.Text("apiVersion")}\"; wanted is KubeSchedulerConfiguration of {ApiVersion}");
        }

        root.Ignore("enableProfiling", "enableContentionProfiling", "delayCacheUntilActive");
        Surroundings.Connection(root.Child("clientConnection"));
        var leaderElect = Surroundings.Election(root.Child("leaderElection"));
        if (root.Number("parallelism") is <= 0 and var parallelism)
        {
            problems.Invalid("parallelism", parallelism, "should be an integer value greater than zero"); // else one loop needs none
        }

        var (extenders, ignored) = ExtenderSection.Read(root.Items("extenders"));
        var profiles = root.Items("profiles");
        var options = defaults with
        {
            LeaderElect = leaderElect ?? defaults.LeaderElect,
            Profiles = profiles.Count > 0 ? [.. profiles.Select(p => Profile(p, isOnly: profiles.Count == 1))] : defaults.Profiles,
        };
        RequireAlike(options.Profiles, problems);
        options = options with
        {
            PercentageOfNodesToScore = Percentage(root) ?? defaults.PercentageOfNodesToScore,
            PodInitialBackoff = Seconds(root, "podInitialBackoffSeconds") ?? defaults.PodInitialBackoff,
            PodMaxBackoff = Seconds(root, "podMaxBackoffSeconds") ?? defaults.PodMaxBackoff,
            Profiles = ignored.Count == 0 ? options.Profiles : [.. options.Profiles.Select(p => p with { IgnoredResources = p.IgnoredResources.Union(ignored).ToHashSet(StringComparer.Ordinal) })],
            Extenders = extenders,
        };
        root.End();
        if (options.PodInitialBackoff <= TimeSpan.Zero)
        {
            problems.Invalid("podInitialBackoffSeconds", (int)options.PodInitialBackoff.TotalSeconds, "must be greater than 0");
        }

        if (options.PodMaxBackoff < options.PodInitialBackoff)
        {
            problems.Invalid("podMaxBackoffSeconds", (int)options.PodMaxBackoff.TotalSeconds, "must be greater than or equal to PodInitialBackoffSeconds");
        }

        ExtenderSection.Check(extenders, problems);
        problems.ThrowIfAny();
        return options;
    }

    /// <summary>Each profile has a name of its own, and all sort the one queue in the same way.</summary>
    private static void RequireAlike(IReadOnlyList<SchedulerProfile> profiles, ConfigProblems problems)
    {
        for (var i = 1; i < profiles.Count; i++)
        {
            if (profiles.Take(i).ToList().FindLastIndex(p => p.SchedulerName == profiles[i].SchedulerName) is >= 0 and var other)
            {
                problems.Duplicate($"profiles[{i}].schedulerName", $"profiles[{other}].schedulerName");
            }
        }

        for (var i = 0; i < profiles.Count; i++)
        {
            var (first, sort) = (Sort(profiles[0]), Sort(profiles[i]));
            if (i == 0 && first.Enabled.Count > 1)
            {
                problems.Invalid("profiles[0].plugins.queueSort.Enabled", first.Enabled.Count, "only one queue sort plugin can be enabled");
            }
            else if (!sort.Enabled.SequenceEqual(first.Enabled) || !sort.Disabled.SequenceEqual(first.Disabled))
            {
                problems.InvalidText($"profiles[{i}].plugins.queueSort", $"[{string.Join(' ', sort.Enabled.Select(e => e.Name))}]", "must be the same for all profiles");
            }
        }

        static PluginSet Sort(SchedulerProfile profile) => profile.Plugins.GetValueOrDefault("queueSort") ?? new([], []);
    }

    private static SchedulerProfile Profile(ConfigNode node, bool isOnly)
    {
        var profile = new SchedulerProfile();
        var name = node.Text("schedulerName") ?? (isOnly ? profile.SchedulerName : "");
        if (name.Length == 0)
        {
            node.Problems.Required(node.At("schedulerName"));
        }

        profile = profile with { SchedulerName = name, PercentageOfNodesToScore = Percentage(node), Plugins = Plugins(node.Child("plugins")) };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var config in node.Items("pluginConfig"))
        {
            var (plugin, args) = (config.Text("name") ?? "", config.Child("args"));
            if (!seen.Add(plugin))
            {
                node.Problems.Duplicate(config.Path, plugin);
            }

            if (Removed.Contains(plugin))
            {
                Refuse(node.Problems, config.Path, plugin);
            }
            else if (args is not null)
            {
                args.Ignore("apiVersion", "kind");
                profile = PluginArguments.Apply(profile, plugin, args);
                args.End();
            }

            config.End();
        }

        node.End();
        return profile;
    }

    private static Dictionary<string, PluginSet> Plugins(ConfigNode? node)
    {
        var sets = new Dictionary<string, PluginSet>(StringComparer.Ordinal);
        foreach (var point in node is null ? [] : Points)
        {
            if (node!.Child(point) is { } set)
            {
                var enabled = set.Items("enabled").Select(e => (Node: e, Plugin: Plugin(e))).ToList();
                foreach (var (removed, plugin) in enabled.Where(e => Removed.Contains(e.Plugin.Name)))
                {
                    Refuse(node.Problems, removed.Path, plugin.Name);
                }

                sets[point] = new([.. enabled.Select(e => e.Plugin)], [.. set.Items("disabled").Select(d => Plugin(d).Name)]);
                set.End();
            }
        }

        node?.End();
        return sets;
    }

    private static void Refuse(ConfigProblems problems, string path, string plugin) =>
        problems.Invalid(path, plugin, $"was invalid in version \"v1\" (KubeSchedulerConfiguration is version \"{ApiVersion}\")");

    private static (string Name, int Weight) Plugin(ConfigNode node)
    {
        var plugin = (node.Text("name") ?? throw node.Wrong("name", "given"), node.Number("weight") ?? 0);
        node.End();
        return plugin;
    }

    private static int? Percentage(ConfigNode node)
    {
        var percent = node.Number("percentageOfNodesToScore");
        if (percent is < 0 or > 100)
        {
            node.Problems.Invalid(node.At("percentageOfNodesToScore"), percent.Value, "not in valid range [0-100]");
        }

        return percent;
    }

    private static TimeSpan? Seconds(ConfigNode node, string field) => node.Number(field) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
