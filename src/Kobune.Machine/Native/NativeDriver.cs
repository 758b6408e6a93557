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
    public bool LacksBridgeFilter => !BridgeFilter.IsLoaded;

    /// <inheritdoc/>
    public MachineState StateOf(string machine) =>
        !Directory.Exists(home.Machine(machine)) ? MachineState.Nonexistent
        : FindInit(machine) is { IsRunning: true } ? MachineState.Running
        : MachineState.Stopped;

    /// <inheritdoc/>
    public async Task<string> ChooseSubnetAsync(string profile, string? wanted, CancellationToken ct)
    {
        var network = new HostNetwork(NamesOf(profile), new(home.Journal(profile)));
        return (await network.ChooseAsync(wanted is null ? null : Subnets.Parse(wanted), ct)).ToString();
    }

    /// <inheritdoc/>
    public Task CheckSubnetV6Async(string profile, string subnet, CancellationToken ct) =>
        new HostNetwork(NamesOf(profile), new(home.Journal(profile))).CheckV6Async(Subnets.ParseV6(subnet), ct);

    /// <inheritdoc/>
    public async Task StartAsync(MachineSpec spec, Task disk, CancellationToken ct)
    {
        RequireRoot();
        await new HostUndo(home, time).RunAsync(spec.Profile, spec.Name, ct);
        Directory.CreateDirectory(spec.Folder);
        Directory.CreateDirectory(home.Profile(spec.Profile));
        var journal = new Journal(home.Journal(spec.Profile));
        var names = NamesOf(spec.Profile);
        var network = new HostNetwork(names, journal);
        var bridge = network.EnsureAsync(IPNetwork.Parse(spec.Subnet), spec.IPv6 is { } second ? IPNetwork.Parse(second.Subnet) : null, ct);
        try
        {
            CreateCgroups(spec, names, journal);
            ProgramFolder.Place(spec);
            await File.WriteAllBytesAsync(SpecFile(spec.Name), JsonSerializer.SerializeToUtf8Bytes(spec, StateJson.Default.MachineSpec), ct);
            await new InitLauncher(spec, SpecFile(spec.Name)).RunAsync(
                async pid =>
                {
                    NoteInit(spec, journal, pid);
                    await bridge;
                    await network.ConnectAsync(spec.Name, spec.Index, pid, ct);
                    await disk;
                },
                ct);
        }
        catch
        {
            await Task.WhenAny(bridge); // what it still makes could not be undone
            await new HostUndo(home, time).RunAsync(spec.Profile, spec.Name, CancellationToken.None);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task StopMachineAsync(string profile, string machine, CancellationToken ct)
    {
        RequireRoot();
        ThawAll(profile, machine);
        if (FindInit(machine) is { } init)
        {
            await init.TerminateAsync(StopLimit, time, ct);
        }

        var undo = new HostUndo(home, time);
        await undo.RunAsync(profile, machine, ct);
        if (new Journal(home.Journal(profile)).Read().All(c => c.Machine.Length == 0))
        {
            await undo.RunAsync(profile, null, ct, keep: c => c.Kind == HostChangeKind.Resolver); // it was the last one
        }
    }

    /// <inheritdoc/>
    public async Task DeleteMachineAsync(string profile, string machine, CancellationToken ct)
    {
        RequireRoot();
        await new HostUndo(home, time).RunAsync(profile, machine, ct);
        DeleteFolder(home.Machine(machine));
    }

    /// <inheritdoc/>
    public bool IsPaused(string profile, string machine) => FreezerOf(profile, machine) is { IsFrozen: true };

    /// <inheritdoc/>
    public int Pause(string profile, string machine, IReadOnlySet<string> podUids) => FreezerOf(profile, machine)?.Freeze(podUids) ?? 0;

    /// <inheritdoc/>
    public int Unpause(string profile, string machine) => FreezerOf(profile, machine)?.Thaw() ?? 0;

    /// <inheritdoc/>
    public void Limit(MachineSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        new MachineCgroup(CgroupLayout.Current(), NamesOf(spec.Profile).Cgroup(spec.Index)).SetLimits(spec.Cpus, spec.MemoryBytes);
    }

    /// <inheritdoc/>
    public async Task StopAsync(string profile, IReadOnlyList<string> machines, CancellationToken ct)
    {
        RequireRoot();
        ThawAll(profile, null);
        await Task.WhenAll(machines.Select(m => FindInit(m)?.TerminateAsync(StopLimit, time, ct) ?? Task.FromResult(true)));
        // A machine that did not end in time is killed by the undoing of its journal.
        await new HostUndo(home, time).RunAsync(profile, null, ct, keep: c => c.Kind == HostChangeKind.Resolver); // a user's choice, and good again after the next start
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
    public int InitOf(string machine) =>
        FindInit(machine) is { IsRunning: true } running ? running.Pid : throw new MachineException(MachineFault.Provision, $"the machine {machine} does not run");

    /// <inheritdoc/>
    public ProcessStartInfo CommandIn(string machine, IReadOnlyList<string> arguments)
    {
        var target = InitOf(machine).ToString(CultureInfo.InvariantCulture);
        return new(Programs.Find("nsenter") ?? "nsenter", ["--target", target, "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--", .. arguments]);
    }

    // Asked to end, a frozen process would not hear it.
    private void ThawAll(string profile, string? machine)
    {
        foreach (var change in new Journal(home.Journal(profile)).Read().Where(c => c.Kind == HostChangeKind.Cgroup && (machine is null || c.Machine == machine)))
        {
            Freezer.ThawAll(change.Name);
        }
    }

    // The cgroup's name holds the machine's number, which its specification tells.
    private Freezer? FreezerOf(string profile, string machine)
    {
        try
        {
            var spec = JsonSerializer.Deserialize(File.ReadAllBytes(SpecFile(machine)), StateJson.Default.MachineSpec);
            return spec is null || FindInit(machine) is not { IsRunning: true } ? null : new(CgroupLayout.Current(), NamesOf(profile).Cgroup(spec.Index));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    private static void RequireRoot()
    {
        if (Syscalls.EffectiveUser() != 0)
        {
            throw new MachineException(MachineFault.NotRoot, "the native driver changes the network of this host and must be run as root");
        }
    }

    private void NoteInit(MachineSpec spec, Journal journal, int pid)
    {
        var init = HostProcess.Of(pid) ?? throw new MachineException(MachineFault.Provision, "the machine's init ended at once");
        journal.Record(HostChangeKind.Process, spec.Name, init.Pid.ToString(CultureInfo.InvariantCulture), init.StartTime.ToString(CultureInfo.InvariantCulture));
        File.WriteAllBytes(InitFile(spec.Name), JsonSerializer.SerializeToUtf8Bytes(init, StateJson.Default.HostProcess));
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

    private HostProcess? FindInit(string machine)
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
