using System.Net;
using System.Net.NetworkInformation;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kobune.Machine.Host;
using Kobune.Machine.State;

namespace Kobune.Cli.Tunnels;

/// <summary>One tunnel in tunnels.json.</summary>
/// <param name="Route">"10.96.0.0/12", empty for a tunnel that listens instead.</param>
/// <param name="Gateway">The node.</param>
/// <param name="MachineName">The first machine of its profile.</param>
/// <param name="Pid">Who holds it, with its start time and boot: <see cref="HostProcess"/>.</param>
/// <param name="RouteV6">"fd00:10:96::/112" in a dual-stack cluster.</param>
/// <param name="GatewayV6">The node's address for it.</param>
/// <param name="Listens">The address of this computer on which a tunnel without routes listens; "0.0.0.0" means all.</param>
internal sealed record TunnelRecord(string Route, string Gateway, string MachineName, int Pid, long StartTime, string BootId, string? RouteV6 = null, string? GatewayV6 = null, string? Listens = null)
{
    /// <summary>Ranges of Services and where they are led to; none for a tunnel that listens instead.</summary>
    [JsonIgnore]
    public IReadOnlyList<(string Range, string Gateway)> Routes => Route.Length == 0 ? [] : RouteV6 is { } range ? [(Route, Gateway), (range, GatewayV6!)] : [(Route, Gateway)];

    /// <summary>The addresses of this computer behind which the cluster is reached through it.</summary>
    [JsonIgnore]
    public IReadOnlyList<IPAddress> Addresses => !IPAddress.TryParse(Listens, out var bind) ? []
        : !bind.Equals(IPAddress.Any) && !bind.Equals(IPAddress.IPv6Any) ? [bind]
        : [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address)];

    [JsonIgnore]
    public HostProcess Process => new(Pid, StartTime, BootId);
}

/// <summary>
/// tunnels.json in Kobune's home: written before a route is made, so that what a killed tunnel left is found and removed by the next one, by stop
/// or by delete.
/// </summary>
internal sealed class TunnelRegistry(MachineHome home, TimeProvider time)
{
    private string File => Path.Combine(home.Root, "tunnels.json");

    /// <summary>All that are written down.</summary>
    public IReadOnlyList<TunnelRecord> Read()
    {
        try
        {
            return JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(File), TunnelJson.Default.ListTunnelRecord) ?? [];
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return [];
        }
    }

    /// <summary>The tunnel of a machine that runs.</summary>
    public TunnelRecord? Running(string machine) => Read().FirstOrDefault(r => r.MachineName == machine && r.Process.IsRunning);

    public Task AddAsync(TunnelRecord record, CancellationToken ct) => ChangeAsync(all => all.Add(record), ct);

    public Task RemoveAsync(TunnelRecord record, CancellationToken ct) => ChangeAsync(all => all.RemoveAll(r => r == record), ct);

    /// <summary>Removes the routes of tunnels that do not run any more; returns these tunnels.</summary>
    public async Task<IReadOnlyList<TunnelRecord>> CleanAsync(CancellationToken ct)
    {
        var dead = Read().Where(r => !r.Process.IsRunning).ToList();
        foreach (var record in dead)
        {
            foreach (var (range, gateway) in record.Process.BootId == HostProcess.CurrentBootId ? record.Routes : [])
            {
                await HostRoutes.RemoveAsync(range, gateway, ct);
            }

            await RemoveAsync(record, ct);
        }

        return dead;
    }

    /// <summary>Ends the tunnel of a machine; true when there was one.</summary>
    public async Task<bool> StopAsync(string machine, CancellationToken ct)
    {
        var running = Running(machine);
        if (running is not null && !await running.Process.TerminateAsync(TimeSpan.FromSeconds(20), time, ct))
        {
            await running.Process.KillAsync(TimeSpan.FromSeconds(5), time, ct);
        }

        await CleanAsync(ct);
        return running is not null;
    }

    private async Task ChangeAsync(Action<List<TunnelRecord>> change, CancellationToken ct)
    {
        Directory.CreateDirectory(home.Root);
        using var gate = await FolderLock.AcquireAsync(home.Root, time, ct);
        var all = Read().ToList();
        change(all);
        if (all.Count == 0)
        {
            System.IO.File.Delete(File);
            return;
        }

        await System.IO.File.WriteAllBytesAsync(File + ".new", JsonSerializer.SerializeToUtf8Bytes(all, TunnelJson.Default.ListTunnelRecord), ct);
        System.IO.File.Move(File + ".new", File, overwrite: true);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(List<TunnelRecord>))]
internal sealed partial class TunnelJson : JsonSerializerContext;
