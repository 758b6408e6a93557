using System.Text;
using Kobune.Api.Resources;
using Kobune.Api.Validation;
using Kobune.Scheduler.Extenders;

namespace Kobune.Scheduler.Configuration;

/// <summary>What a configuration file says of extenders. Source: pkg/scheduler/apis/config, validation.</summary>
internal static class ExtenderSection
{
    /// <summary>The extenders, and the resources that no plugin is to look at because an extender does.</summary>
    public static (IReadOnlyList<ExtenderOptions> Extenders, IReadOnlySet<string> Ignored) Read(IReadOnlyList<ConfigNode> nodes)
    {
        var ignored = new HashSet<string>(StringComparer.Ordinal);
        return ([.. nodes.Select(n => Extender(n, ignored))], ignored);
    }

    /// <summary>Notes what is wrong with their values.</summary>
    public static void Check(IReadOnlyList<ExtenderOptions> extenders, ConfigProblems problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < extenders.Count; i++)
        {
            if (extenders[i] is { PrioritizeVerb.Length: > 0, Weight: <= 0 and var weight })
            {
                problems.InvalidText($"extenders[{i}].weight", $"{weight}", "must have a positive weight applied to it");
            }

            for (var j = 0; j < extenders[i].ManagedResources.Count; j++)
            {
                var (name, path) = (extenders[i].ManagedResources[j], $"extenders[{i}].managedResources[{j}].name");
                CheckResource(name, path, problems);
                if (!seen.Add(name))
                {
                    problems.Invalid(path, name, "duplicate extender managed resource name");
                }
            }
        }

        if (extenders.Count(e => e.BindVerb.Length > 0) is > 1 and var binders)
        {
            problems.Invalid("extenders", $"found {binders} extenders implementing bind", "only one extender can implement bind");
        }
    }

    private static void CheckResource(string name, string path, ConfigProblems problems)
    {
        if (NameValidation.QualifiedName(name).Any())
        {
            PluginArguments.CheckName(name, path, problems);
        }
        else if (!ExtendedResources.IsExtended(name))
        {
            problems.Invalid(path, name, "is an invalid extended resource name");
        }
    }

    private static ExtenderOptions Extender(ConfigNode node, HashSet<string> ignored)
    {
        var extender = new ExtenderOptions
        {
            UrlPrefix = node.Text("urlPrefix") ?? "",
            FilterVerb = node.Text("filterVerb") ?? "",
            PreemptVerb = node.Text("preemptVerb") ?? "",
            PrioritizeVerb = node.Text("prioritizeVerb") ?? "",
            Weight = node.Number("weight") ?? 0,
            BindVerb = node.Text("bindVerb") ?? "",
            EnableHttps = node.Flag("enableHTTPS") ?? false,
            Tls = node.Child("tlsConfig") is { } tls ? Tls(tls) : null,
            NodeCacheCapable = node.Flag("nodeCacheCapable") ?? false,
            ManagedResources = [.. node.Items("managedResources").Select(r => Managed(r, ignored))],
            Ignorable = node.Flag("ignorable") ?? false,
        };
        if (Surroundings.Span(node, "httpTimeout") is { } timeout && timeout != TimeSpan.Zero)
        {
            extender = extender with { HttpTimeout = timeout > TimeSpan.Zero ? timeout : throw node.Wrong("httpTimeout", "a positive duration") };
        }

        node.End();
        return extender;
    }

    private static string Managed(ConfigNode node, HashSet<string> ignored)
    {
        var name = node.Text("name") ?? "";
        if (node.Flag("ignoredByScheduler") == true)
        {
            ignored.Add(name);
        }

        node.End();
        return name;
    }

    private static ExtenderTls Tls(ConfigNode node)
    {
        var tls = new ExtenderTls
        {
            Insecure = node.Flag("insecure") ?? false,
            ServerName = node.Text("serverName") ?? "",
            Certificate = new(node.Text("certFile"), Data(node, "certData")),
            Key = new(node.Text("keyFile"), Data(node, "keyData")),
            Authorities = new(node.Text("caFile"), Data(node, "caData")),
        };
        node.End();
        return tls;
    }

    private static string? Data(ConfigNode node, string field)
    {
        try
        {
            return node.Text(field) is { } text ? Encoding.UTF8.GetString(Convert.FromBase64String(text)) : null;
        }
        catch (FormatException)
        {
            throw node.Wrong(field, "base64");
        }
    }
}
