using System.Net.Sockets;
using Kobune.Cli.Kubeconfig;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine;

namespace Kobune.Cli.Clusters;

/// <summary>What `status` shows of one node.</summary>
internal sealed record NodeStatus(string Name, string Host, string Kubelet, string APIServer, string Kubeconfig, bool Worker)
{
    /// <summary>What is left until a planned stop, "4m52s"; empty for none.</summary>
    public string TimeToStop { get; init; } = "";

    /// <summary>minikube's bits: 1 host, 2 kubelet or apiserver, 4 kubeconfig.</summary>
    public int ExitBits =>
        (Host == "Running" ? 0 : 1)
        | (Kubelet == "Running" && APIServer is "Running" or "Irrelevant" && Kubelet == "Running" ? 0 : 2)
        | (Kubeconfig is "Configured" or "Irrelevant" ? 0 : 4);
}

/// <summary>Looks at the nodes of a cluster.</summary>
internal sealed class ClusterStatus(CommandContext context)
{
    private const int KubeletPort = 10250;
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(5);

    /// <summary>The status of each node, the first one first.</summary>
    public async Task<IReadOnlyList<NodeStatus>> ReadAsync(ProfileConfig profile, CancellationToken ct)
    {
        var all = new List<NodeStatus>();
        foreach (var node in profile.Nodes)
        {
            var left = ScheduledStop.LeftOf(profile, context.Time) is { } time && context.Driver.StateOf(node.Name) == MachineState.Running ? ScheduledStop.Text(time) : "";
            all.Add(await ReadAsync(profile, node, ct) with { TimeToStop = left });
        }

        return all;
    }

    /// <summary>The machine of the first node must run; with <paramref name="healthy"/> its API server must answer too.</summary>
    public async Task RequireRunningAsync(ProfileConfig profile, bool healthy, CancellationToken ct)
    {
        var state = context.Driver.StateOf(profile.Primary.Name);
        var advice = (Message.ToStart, new object[] { ProfileStore.StartCommandFor(profile.Name) });
        if (state != MachineState.Running)
        {
            throw new CliException(state == MachineState.Nonexistent ? Reason.NotFound : Reason.NotRunning, Message.HostNotRunning, profile.Primary.Name, state) { Advice = advice };
        }

        if (healthy && context.Driver.IsPaused(profile.Name, profile.Primary.Name))
        {
            throw new CliException(Reason.ApiServerNotRunning, Message.ApiServerNotRunning, profile.Primary.Name, "Paused") { Advice = (Message.ToUnpause, [profile.Name]) };
        }

        if (healthy)
        {
            var server = await ApiServerAsync(profile, ct);
            if (server != "Running")
            {
                throw new CliException(Reason.ApiServerNotRunning, Message.ApiServerNotRunning, profile.Primary.Name, server) { Advice = advice };
            }
        }
    }

    /// <summary>Whether the cluster was paused.</summary>
    public bool IsPaused(ProfileConfig profile) => context.Driver.IsPaused(profile.Name, profile.Primary.Name);

    private async Task<NodeStatus> ReadAsync(ProfileConfig profile, ProfileNode node, CancellationToken ct)
    {
        var state = context.Driver.StateOf(node.Name);
        if (state != MachineState.Running)
        {
            var word = state.ToString();
            return node.ControlPlane ? new(node.Name, word, word, word, word, false) : new(node.Name, word, word, "Irrelevant", "Irrelevant", true);
        }

        var host = Disk.IsAlmostFull(context.Home.Machine(node.Name)) ? "InsufficientStorage" : "Running";
        if (context.Driver.IsPaused(profile.Name, node.Name))
        {
            return node.ControlPlane ? new(node.Name, host, "Stopped", "Paused", KubeconfigState(profile), false) : new(node.Name, host, "Stopped", "Irrelevant", "Irrelevant", true);
        }

        var kubelet = await IsListeningAsync(node.IP, KubeletPort, ct) ? "Running" : "Stopped";
        return node.ControlPlane
            ? new(node.Name, host, kubelet, await ApiServerAsync(profile, ct), KubeconfigState(profile), false)
            : new(node.Name, host, kubelet, "Irrelevant", "Irrelevant", true);
    }

    private async Task<string> ApiServerAsync(ProfileConfig profile, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(ProbeLimit);
        try
        {
            using var api = context.Api(profile);
            return await api.ProbeAsync("/healthz", limit.Token) switch { 200 => "Running", null => "Stopped", _ => "Error" };
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return "Error";
        }
    }

    private string KubeconfigState(ProfileConfig profile)
    {
        try
        {
            return new KubeconfigFile(context).Read().ServerOf(profile.Name) == profile.ServerUrl ? "Configured" : "Misconfigured";
        }
        catch (CliException)
        {
            return "Misconfigured";
        }
    }

    private static async Task<bool> IsListeningAsync(string address, int port, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(ProbeLimit);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address, port, limit.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }
}
