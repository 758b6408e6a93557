using System.Text.Json.Nodes;

namespace Kobune.Scheduler.Configuration;

/// <summary>
/// Reads a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1). What this scheduler cannot do is refused by name: extenders, and arguments
/// of plugins that take none here. Source: pkg/scheduler/apis/config.
/// </summary>
public static class SchedulerConfiguration
{
    private const string ApiVersion = "kubescheduler.config.k8s.io/v1";

    private static readonly string[] Points =
        ["multiPoint", "preEnqueue", "queueSort", "preFilter", "filter", "postFilter", "preScore", "score", "reserve", "permit", "preBind", "bind", "postBind"];

    /// <summary>The settings with those of the file in their place.</summary>
    /// <param name="file">The file's content.</param>
    /// <param name="defaults">What the file leaves out.</param>
    /// <exception cref="FormatException">The field, and what is wrong with it.</exception>
    public static SchedulerOptions Apply(JsonObject file, SchedulerOptions defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        var root = new ConfigNode(file, "");
        if ((root.Text("apiVersion"), root.Text("kind")) is not (ApiVersion, "KubeSchedulerConfiguration"))
        {
            throw new FormatException($"no kind \"{root.Text("kind")}\" is registered for version \"{root.Text("apiVersion")}\"; wanted is KubeSchedulerConfiguration of {ApiVersion}");
        }

        if (root.Items("extenders").Count > 0)
        {
            throw new FormatException("extenders: this scheduler has none");
        }

        // The connection is given, and one loop needs no parallelism.
        root.Ignore("clientConnection", "parallelism", "enableProfiling", "enableContentionProfiling", "delayCacheUntilActive");
        var election = root.Child("leaderElection");
        election?.Ignore("leaseDuration", "renewDeadline", "retryPeriod", "resourceLock", "resourceName", "resourceNamespace");
        var options = defaults with
        {
            LeaderElect = election?.Flag("leaderElect") ?? defaults.LeaderElect,
            PercentageOfNodesToScore = Percentage(root) ?? defaults.PercentageOfNodesToScore,
            PodInitialBackoff = Seconds(root, "podInitialBackoffSeconds") ?? defaults.PodInitialBackoff,
            PodMaxBackoff = Seconds(root, "podMaxBackoffSeconds") ?? defaults.PodMaxBackoff,
            Profiles = root.Items("profiles") is { Count: > 0 } profiles ? [.. profiles.Select(Profile)] : defaults.Profiles,
        };
        election?.End();
        root.End();
        if (options.PodMaxBackoff < options.PodInitialBackoff)
        {
            throw root.Wrong("podMaxBackoffSeconds", "greater than or equal to podInitialBackoffSeconds");
        }

        if (options.Profiles.GroupBy(p => p.SchedulerName).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new FormatException($"profiles: Duplicate value: \"{twice.Key}\"");
        }

        return options;
    }

    private static SchedulerProfile Profile(ConfigNode node)
    {
        var profile = new SchedulerProfile { PercentageOfNodesToScore = Percentage(node) };
        profile = profile with { SchedulerName = node.Text("schedulerName") ?? profile.SchedulerName, Plugins = Plugins(node.Child("plugins")) };
        foreach (var config in node.Items("pluginConfig"))
        {
            var (name, args) = (config.Text("name") ?? "", config.Child("args"));
            if (args is not null)
            {
                args.Ignore("apiVersion", "kind");
                profile = PluginArguments.Apply(profile, name, args);
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
                sets[point] = new([.. set.Items("enabled").Select(Plugin)], [.. set.Items("disabled").Select(d => Plugin(d).Name)]);
                set.End();
            }
        }

        node?.End();
        return sets;
    }

    private static (string Name, int Weight) Plugin(ConfigNode node)
    {
        var plugin = (node.Text("name") ?? throw node.Wrong("name", "given"), node.Number("weight") ?? 0);
        node.End();
        return plugin;
    }

    private static int? Percentage(ConfigNode node) =>
        node.Number("percentageOfNodesToScore") is not { } percent ? null : percent is >= 0 and <= 100 ? percent : throw node.Wrong("percentageOfNodesToScore", "in the range [0-100]");

    private static TimeSpan? Seconds(ConfigNode node, string field) =>
        node.Number(field) is not { } seconds ? null : seconds > 0 ? TimeSpan.FromSeconds(seconds) : throw node.Wrong(field, "greater than 0");
}
