using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Kobune.Cli.Clusters;
using Kobune.Cli.Paths.Probes;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Cli.Tunnels;
using Kobune.Client;
using Kobune.Machine;

namespace Kobune.Cli.Paths;

/// <summary>Walks the way to a target: reads the API once, sends all packets side by side from the PC and in the nodes, and judges.</summary>
internal sealed class PathWalker(CommandContext context, ProfileConfig profile)
{
    // Generous, so that a busy PC blames nobody: on an idle one the whole walk takes a fraction of a second.
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan ResolveLimit = TimeSpan.FromSeconds(1.4);
    private static readonly TimeSpan NodeLimit = TimeSpan.FromSeconds(6);

    private PathCluster Cluster => new(profile.Name, profile.Primary.Name, profile.Primary.IP, profile.ApiServerPort) { AddressV6 = profile.Primary.IPv6 ?? "" };

    /// <summary>The way, hop by hop.</summary>
    public async Task<PathReport> WalkAsync(PathTarget target, CancellationToken ct)
    {
        var start = ProfileStore.StartCommandFor(profile.Name);
        if (context.Driver.StateOf(profile.Primary.Name) is not MachineState.Running and var state)
        {
            return PathJudge.WithoutCluster(target, Cluster, new("MachineStopped", HopKind.Machine, new(Message.PathMachineStopped, profile.Primary.Name, state), new(Message.ToStart, start)));
        }

        if (context.Driver.IsPaused(profile.Name, profile.Primary.Name))
        {
            return PathJudge.WithoutCluster(target, Cluster, new("MachinePaused", HopKind.Machine, new(Message.PathMachinePaused, profile.Primary.Name), new(Message.ToUnpause, profile.Name)));
        }

        using var api = context.Api(profile);
        ClusterSnapshot snapshot;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(ReadLimit);
            snapshot = await ClusterSnapshot.ReadAsync(api.Client(context.Time), limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or ApiException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return PathJudge.WithoutCluster(target, Cluster, new("ApiServerDown", HopKind.Machine, new(Message.PathApiDown, Cluster.Machine, e is OperationCanceledException ? "time-out" : e.Message), new(Message.PathApiDownMend, start)));
        }

        return PathJudge.Judge(await Task.WhenAll(RoutePlan.Ways(target, Cluster, snapshot).Select(async r => (r, await LookAsync(r, ct)))), snapshot);
    }

    /// <summary>
    /// The way to the object of a manifest. When it is not in the cluster, the server is asked whether it would take it (a dry run): a refusal, such as
    /// a NodePort that is taken, is the broken hop.
    /// </summary>
    public async Task<PathReport> WalkManifestAsync(ManifestObject manifest, CancellationToken ct)
    {
        if (context.Driver.StateOf(profile.Primary.Name) == MachineState.Running)
        {
            using var api = context.Api(profile);
            if (await api.ProbeAsync($"{manifest.Collection}/{manifest.Name}", ct) == 404 && await RefusalAsync(api.Client(context.Time), manifest, ct) is { } refused)
            {
                var route = new PathRoute { Target = manifest.Target, Cluster = Cluster, Stations = [HopKind.Pc, HopKind.Machine, refused.At], Faults = [refused] };
                return PathJudge.Judge(route, new(), await LookAsync(route, ct));
            }
        }

        return await WalkAsync(manifest.Target, ct);
    }

    private static async Task<Fault?> RefusalAsync(KubernetesClient client, ManifestObject manifest, CancellationToken ct)
    {
        var hop = manifest.Kind switch { TargetKind.Pod => HopKind.Pod, TargetKind.Ingress => HopKind.Ingress, _ => HopKind.Service };
        var response = await client.Transport.SendAsync(new("POST", manifest.Collection + "?dryRun=All", Encoding.UTF8.GetBytes(manifest.Body), "application/yaml"), ct);
        if (response.StatusCode < 400)
        {
            return null;
        }

        var message = ApiException.StatusOf(response.StatusCode, response.Body.Json.Span).Message;
        var mend = new Phrase(Message.PathRefusedMend);
        return message.Contains("provided port is already allocated", StringComparison.Ordinal)
            ? new("NodePortTaken", hop, new(Message.PathServerRefuses, message), new(Message.PathNodePortTakenMend))
            : message.Contains("provided port is not in the valid range", StringComparison.Ordinal)
                ? new("NodePortOutOfRange", hop, new(Message.PathServerRefuses, message), new(Message.PathNodePortTakenMend))
                : new("ManifestRefused", hop, new(Message.PathServerRefuses, message), mend);
    }

    private async Task<PathFindings> LookAsync(PathRoute route, CancellationToken ct)
    {
        var hop = IPAddress.TryParse(route.EntryAddress, out var entry) ? await PcRoutes.NextHopAsync(entry, ct) : null;
        var pc = Prober.RunAsync(PathProbes.FromPc(route, hop), ct);
        var resolved = route.Stations.Contains(HopKind.Resolver) ? ResolveAsync(route.Host, ct) : null;
        var inNodes = PathProbes.InNodes(route);
        var requests = inNodes.ToDictionary(g => g.Key, g => g.ToList());
        var first = requests.TryGetValue(Cluster.Machine, out var there) ? there : requests[Cluster.Machine] = [];
        first.AddRange(PathProbes.FromNode(route));
        var nodes = await Task.WhenAll(requests.Where(r => r.Value.Count > 0 && profile.Nodes.Any(n => n.Name == r.Key)).Select(r => InNodeAsync(r.Key, r.Value, ct)));
        return new()
        {
            Pc = (await pc).ToDictionary(r => r.Id),
            Node = nodes.SelectMany(r => r).ToDictionary(r => r.Id),
            Resolved = resolved is null ? null : await resolved,
            TunnelAddresses = new TunnelRegistry(context.Home, context.Time).Running(profile.Primary.Name)?.Addresses ?? [],
            NextHop = hop,
        };
    }

    private static async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(ResolveLimit);
        try
        {
            return await System.Net.Dns.GetHostAddressesAsync(host, limit.Token);
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return [];
        }
    }

    // The node runs this very program with its own network around it.
    private async Task<IReadOnlyList<ProbeResult>> InNodeAsync(string node, List<ProbeRequest> requests, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(NodeLimit);
        try
        {
            var start = context.Driver.CommandIn(node, ["/usr/local/bin/kobune", "probe"]);
            (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
            using var process = Process.Start(start)!;
            await process.StandardInput.WriteAsync(JsonSerializer.Serialize(requests, ProbeJson.Default.ListProbeRequest).AsMemory(), limit.Token);
            process.StandardInput.Close();
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return JsonSerializer.Deserialize(output, ProbeJson.Default.ListProbeResult) ?? [];
        }
        catch (Exception e) when (e is JsonException or IOException or MachineException or System.ComponentModel.Win32Exception || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return []; // what could not be looked at is not judged
        }
    }
}
