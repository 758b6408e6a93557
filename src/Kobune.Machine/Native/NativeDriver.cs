using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Kobune.Machine.Cgroups;
using Kobune.Machine.Host;
using Kobune.Machine.State;

namespace Kobune.Machine.Native;

/// <summary>Machines made of namespaces of this host: own network, mounts, PIDs, host name, IPC and cgroups. No VM, no Docker.</summary>
/// <param name="home">Where state is kept.</param>
/// <param name="time">For waiting.</param>
public sealed class NativeDriver(MachineHome home, TimeProvider time) : IMachineDriver
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public string Name => "native";

    /// <inheritdoc/>
    public MachineState StateOf(string machine) =>
        !Directory.Exists(home.Machine(machine)) ? MachineState.Nonexistent
        : InitOf(machine) is { IsRunning: true } ? MachineState.Running
        : MachineState.Stopped;

    /// <inheritdoc/>
    public async Task<string> ChooseSubnetAsync(string profile, string? wanted, CancellationToken ct)
    {
        var network = new HostNetwork(NamesOf(profile), new(home.Journal(profile)));
        return (await network.ChooseAsync(wanted is null ? null : Subnets.Parse(wanted), ct)).ToString();
    }

    /// <inheritdoc/>
    public async Task StartAsync(MachineSpec spec, CancellationToken ct)
    {
        RequireRoot();
        await new HostUndo(home, time).RunAsync(spec.Profile, spec.Name, ct);
        Directory.CreateDirectory(spec.Folder);
        Directory.CreateDirectory(home.Profile(spec.Profile));
        var journal = new Journal(home.Journal(spec.Profile));
        var names = NamesOf(spec.Profile);
        try
        {
            var network = new HostNetwork(names, journal);
            await network.EnsureAsync(IPNetwork.Parse(spec.Subnet), ct);
            CreateCgroups(spec, names, journal);
            ProgramFolder.Place(spec);
            await File.WriteAllBytesAsync(SpecFile(spec.Name), JsonSerializer.SerializeToUtf8Bytes(spec, StateJson.Default.MachineSpec), ct);
            await new InitLauncher(spec, SpecFile(spec.Name)).RunAsync(pid => ConnectAsync(spec, network, journal, pid, ct), ct);
        }
        catch
        {
            await new HostUndo(home, time).RunAsync(spec.Profile, spec.Name, CancellationToken.None);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(string profile, IReadOnlyList<string> machines, CancellationToken ct)
    {
        RequireRoot();
        await Task.WhenAll(machines.Select(m => InitOf(m)?.TerminateAsync(StopLimit, time, ct) ?? Task.FromResult(true)));
        // A machine that did not end in time is killed by the undoing of its journal.
        await new HostUndo(home, time).RunAsync(profile, null, ct);
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string profile, IReadOnlyList<string> machines, CancellationToken ct)
    {
        RequireRoot();
        await new HostUndo(home, time).RunAsync(profile, null, ct);
        foreach (var machine in machines)
        {
            DeleteFolder(home.Machine(machine));
        }
    }

    /// <inheritdoc/>
    public ProcessStartInfo CommandIn(string machine, IReadOnlyList<string> arguments)
    {
        var init = InitOf(machine) is { IsRunning: true } running
            ? running
            : throw new MachineException(MachineFault.Provision, $"the machine {machine} does not run");
        var target = init.Pid.ToString(CultureInfo.InvariantCulture);
        return new(Programs.Find("nsenter") ?? "nsenter", ["--target", target, "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--", .. arguments]);
    }

    private static void RequireRoot()
    {
        if (Syscalls.EffectiveUser() != 0)
        {
            throw new MachineException(MachineFault.NotRoot, "the native driver changes the network of this host and must be run as root");
        }
    }

    private async Task ConnectAsync(MachineSpec spec, HostNetwork network, Journal journal, int pid, CancellationToken ct)
    {
        var init = HostProcess.Of(pid) ?? throw new MachineException(MachineFault.Provision, "the machine's init ended at once");
        journal.Record(HostChangeKind.Process, spec.Name, init.Pid.ToString(CultureInfo.InvariantCulture), init.StartTime.ToString(CultureInfo.InvariantCulture));
        await File.WriteAllBytesAsync(InitFile(spec.Name), JsonSerializer.SerializeToUtf8Bytes(init, StateJson.Default.HostProcess), ct);
        await network.ConnectAsync(spec.Name, spec.Index, pid, ct);
    }

    private static void CreateCgroups(MachineSpec spec, HostNames names, Journal journal)
    {
        var cgroup = new MachineCgroup(CgroupLayout.Current(), names.Cgroup(spec.Index));
        foreach (var folder in cgroup.Folders)
        {
            journal.Record(HostChangeKind.Cgroup, spec.Name, folder, "");
        }

        cgroup.Create(spec.Cpus, spec.MemoryBytes);
    }

    private HostNames NamesOf(string profile) => new(home.IdOf(profile));

    private string SpecFile(string machine) => Path.Combine(home.Machine(machine), "machine.json");

    private string InitFile(string machine) => Path.Combine(home.Machine(machine), "init.json");

    private HostProcess? InitOf(string machine)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(InitFile(machine)), StateJson.Default.HostProcess);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null; // none, or torn by a crash; the journal still knows the process
        }
    }

    private static void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
