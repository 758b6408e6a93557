using System.Net;
using System.Text.Json;
using Kobune.Api;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Client;
using Kobune.ControllerManager.LoadBalancers;
using Kobune.Machine;
using Kobune.Machine.Host;

namespace Kobune.Cli.Tunnels;

/// <summary>
/// A tunnel at work, until it is cancelled or the cluster stops:
/// 1. the record, then the route (or listeners); 2. the Lease, by which the cluster gives LoadBalancer Services their addresses;
/// 3. every few seconds: is all of that still so, and what is there to show; 4. on the way out: Lease, listeners, route, record.
/// </summary>
internal sealed class TunnelRunner(CommandContext context, ProfileConfig profile, IPAddress? bind)
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);
    private readonly Reporter _reporter = context.Reporter();
    private readonly TunnelRegistry _registry = new(context.Home, context.Time);
    private readonly HostProcess _self = HostProcess.Of(Environment.ProcessId)!;
    private TunnelStatus? _shown;

    private string Node => profile.Primary.IP;

    private TunnelRecord Record => bind is null
        ? new(profile.KubernetesConfig.ServiceCidr, Node, profile.Primary.Name, _self.Pid, _self.StartTime, _self.BootId, profile.IPv6?.ServiceCidr, profile.Primary.IPv6)
        : new("", Node, profile.Primary.Name, _self.Pid, _self.StartTime, _self.BootId, Listens: bind.ToString());

    public async Task RunAsync(CancellationToken ct)
    {
        using var api = context.Api(profile);
        var record = Record;
        var lease = new TunnelLeaseKeeper(api.Client(context.Time), $"{Environment.MachineName}_{_self.Pid}", bind is null ? null : Shown(bind), context.Time);
        await using var listeners = bind is null ? null : new TunnelListeners(bind, IPAddress.Parse(Node), context.Time, Tell);
        await _registry.AddAsync(record, ct);
        try
        {
            await WarnAboutOverlapsAsync(record, ct);
            await LoopAsync(api, lease, listeners, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            _reporter.Info(Icon.Stopped, Message.TunnelStopping, profile.Name);
        }
        finally
        {
            await EndAsync(api, lease, record);
        }
    }

    /// <summary>The address that the load balancers show: any address of this computer is 127.0.0.1 for itself.</summary>
    private static string Shown(IPAddress bind) => bind.Equals(IPAddress.Any) || bind.Equals(IPAddress.IPv6Any) ? "127.0.0.1" : bind.ToString();

    private void Tell(string port, bool starts) => _reporter.Info(starts ? Icon.Running : Icon.Stopped, starts ? Message.TunnelPortStarted : Message.TunnelPortStopped, port);

    private async Task WarnAboutOverlapsAsync(TunnelRecord record, CancellationToken ct)
    {
        foreach (var (range, _) in record.Routes)
        {
            foreach (var route in (await HostRoutes.LookAsync(range, ct)).Overlapping)
            {
                _reporter.Warn(Message.TunnelRouteOverlaps, range, route);
            }
        }
    }

    private async Task LoopAsync(ClusterApi api, TunnelLeaseKeeper lease, TunnelListeners? listeners, CancellationToken ct)
    {
        while (true)
        {
            if (context.Driver.StateOf(profile.Primary.Name) != MachineState.Running)
            {
                _reporter.Info(Icon.Stopped, Message.TunnelClusterStopped, profile.Name);
                return;
            }

            await ShowAsync(await LookAsync(api, lease, listeners, ct), ct);
            await Task.Delay(bind is null ? TunnelLease.RenewPeriod : TimeSpan.FromSeconds(1), context.Time, ct);
        }
    }

    private async Task<TunnelStatus> LookAsync(ClusterApi api, TunnelLeaseKeeper lease, TunnelListeners? listeners, CancellationToken ct)
    {
        var status = new TunnelStatus(profile.Primary.Name, _self.Pid, bind is null ? string.Join(", ", Record.Routes.Select(r => $"{r.Range} -> {r.Gateway}")) : $"{bind} -> {Node}", "Running", _shown?.Services ?? "");
        try
        {
            foreach (var (range, gateway) in Record.Routes)
            {
                await HostRoutes.EnsureAsync(range, gateway, ct);
            }
        }
        catch (MachineException e)
        {
            return status with { RouterError = e.Message }; // no Lease either: addresses that lead to another cluster help nobody
        }

        try
        {
            await lease.RenewAsync(ct);
            var services = await BalancersAsync(api, ct);
            status = status with { Services = string.Join(", ", services.Select(s => s.GetProperty("metadata").GetProperty("name").GetString())) };
            if (listeners is not null && await listeners.ApplyAsync(services, await HasIngressAsync(api, ct)) is { Count: > 0 } problems)
            {
                status = status with { LoadBalancerError = string.Join("; ", problems) };
            }
        }
        catch (Exception e) when (e is HttpRequestException or ApiException)
        {
            status = status with { Cluster = "Unknown", ClusterError = e.Message }; // the node process restarts: it comes back
        }

        return status;
    }

    private static async Task<IReadOnlyList<JsonElement>> BalancersAsync(ClusterApi api, CancellationToken ct)
    {
        var list = await api.GetAsync("/api/v1/services", ct);
        return [.. list!.Value.GetProperty("items").EnumerateArray().Where(s => s.GetProperty("spec").TryGetProperty("type", out var type) && type.GetString() == "LoadBalancer")];
    }

    private static async Task<bool> HasIngressAsync(ClusterApi api, CancellationToken ct) =>
        (await api.GetAsync("/apis/networking.k8s.io/v1/ingresses?limit=1", ct))?.GetProperty("items").GetArrayLength() > 0;

    private async Task ShowAsync(TunnelStatus status, CancellationToken ct)
    {
        if (status != _shown)
        {
            _shown = status;
            await context.Out.WriteAsync(status.Render().AsMemory(), ct);
            await context.Out.FlushAsync(ct);
        }
    }

    private async Task EndAsync(ClusterApi api, TunnelLeaseKeeper lease, TunnelRecord record)
    {
        using var limit = new CancellationTokenSource(EndLimit, context.Time);
        try
        {
            if (context.Driver.StateOf(profile.Primary.Name) == MachineState.Running)
            {
                await lease.EndAsync(limit.Token);
                await ClearedAsync(api, limit.Token);
            }
        }
        catch (Exception e) when (e is HttpRequestException or ApiException or OperationCanceledException)
        {
            _reporter.Warn(Message.TunnelNotCleared, e.Message); // the Lease runs out by itself
        }

        foreach (var (range, gateway) in record.Routes)
        {
            await HostRoutes.RemoveAsync(range, gateway, CancellationToken.None);
        }

        await _registry.RemoveAsync(record, CancellationToken.None);
    }

    /// <summary>Waits until the cluster has taken its addresses back, so that whoever waits for the tunnel's end sees the cleared status.</summary>
    private async Task ClearedAsync(ClusterApi api, CancellationToken ct)
    {
        while ((await BalancersAsync(api, ct)).Any(IsOurs))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), context.Time, ct);
        }
    }

    private static bool IsOurs(JsonElement service) =>
        service.GetProperty("status").TryGetProperty("conditions", out var conditions)
        && conditions.EnumerateArray().Any(c => c.GetProperty("type").GetString() == "kobune.dev/LoadBalancerAddress" && c.GetProperty("reason").GetString() == "Tunnel");
}
