using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Clusters;

/// <summary>The environment variables that the nodes get from the user's: proxies.</summary>
internal sealed class NodeEnvironment(CommandContext context)
{
    private static readonly string[] ProxyVariables = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];

    /// <summary>Says which proxies the nodes will use.</summary>
    public void Tell(Reporter reporter)
    {
        var set = ProxyVariables.Where(n => context.Variable(n) is not null).ToList();
        if (set.Count > 0)
        {
            reporter.Info(Icon.Network, Message.FoundNetworkOptions);
            set.ForEach(n => reporter.Info(Icon.Option, Message.NetworkOption, n, context.Variable(n)!));
        }
    }

    /// <summary>The variables; the cluster's own addresses never go through a proxy.</summary>
    public Dictionary<string, string> For(ProfileConfig profile)
    {
        var environment = ProxyVariables.Where(n => context.Variable(n) is not null).ToDictionary(n => n, n => context.Variable(n)!);
        if (environment.Keys.Any(k => k.StartsWith("HTTP", StringComparison.OrdinalIgnoreCase)))
        {
            var direct = string.Join(',', [.. profile.Nodes.Select(n => n.IP), "127.0.0.1", "localhost", profile.KubernetesConfig.ServiceCidr, profile.KubernetesConfig.ClusterCidr, .. SecondOf(profile), ".svc", "." + profile.KubernetesConfig.DnsDomain]);
            foreach (var name in new[] { "NO_PROXY", "no_proxy" })
            {
                environment[name] = environment.TryGetValue(name, out var before) && before.Length > 0 ? before + "," + direct : direct;
            }
        }

        if (context.Variable("DOTNET_ROOT") is { } root)
        {
            environment["DOTNET_ROOT"] = root; // a build that is not self-contained
        }

        return environment;
    }

    private static IEnumerable<string> SecondOf(ProfileConfig profile) =>
        profile.IPv6 is { } second ? [.. profile.Nodes.Select(n => n.IPv6).OfType<string>(), "::1", second.ServiceCidr, second.ClusterCidr] : [];
}
