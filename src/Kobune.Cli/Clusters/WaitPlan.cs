using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Clusters;

/// <summary>What `start` waits for before it says that the cluster is there.</summary>
internal sealed record WaitPlan(bool ApiServer, bool DefaultServiceAccount, bool NodeReady, bool Dns)
{
    public static readonly WaitPlan Default = new(true, true, true, true);

    public static readonly WaitPlan None = new(false, false, false, false);

    /// <summary>Reads --wait: all, true, none, false, or a list of names (minikube's are understood; what Kobune has no pods for is part of dns).</summary>
    public static WaitPlan Parse(string text)
    {
        var plan = None;
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            plan = word switch
            {
                "all" or "true" => Default,
                "none" or "false" => plan,
                "apiserver" => plan with { ApiServer = true },
                "default_sa" => plan with { DefaultServiceAccount = true },
                "node_ready" or "kubelet" => plan with { NodeReady = true },
                "dns" or "system_pods" or "apps_running" or "extra" => plan with { Dns = true },
                _ => throw new CliException(Reason.Usage, Message.BadValue, $"\"{word}\"", "--wait"),
            };
        }

        return plan;
    }
}
