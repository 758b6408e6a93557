using System.Diagnostics;

namespace Kobune.Machine;

/// <summary>What a machine is doing, in the words of `kobune status`.</summary>
public enum MachineState
{
    /// <summary>There is none of this name.</summary>
    Nonexistent,

    /// <summary>It exists and does not run.</summary>
    Stopped,

    /// <summary>It runs.</summary>
    Running,
}

/// <summary>Makes and ends machines of one kind.</summary>
public interface IMachineDriver
{
    /// <summary>"native".</summary>
    string Name { get; }

    /// <summary>Whether its machines cannot have br_netfilter, without which a pod does not reach a Service whose pod runs on the same node.</summary>
    bool LacksBridgeFilter { get; }

    /// <summary>What a machine is doing now.</summary>
    MachineState StateOf(string machine);

    /// <summary>Chooses the network of a profile, or checks the one asked for. The choice holds until <see cref="StartAsync"/> made the bridge.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="wanted">"192.168.49.0/24", or null for the first free one.</param>
    /// <param name="ct">Cancels.</param>
    Task<string> ChooseSubnetAsync(string profile, string? wanted, CancellationToken ct);

    /// <summary>Checks that this host can have the IPv6 network of a profile.</summary>
    /// <exception cref="MachineException">It is taken, or IPv6 is off.</exception>
    Task CheckSubnetV6Async(string profile, string subnet, CancellationToken ct);

    /// <summary>Starts a machine that does not run; what a crash or a reboot left of it is undone first.</summary>
    /// <param name="spec">The machine.</param>
    /// <param name="disk">What is being written to its disk meanwhile: its programs start when that is done. When it fails, the machine is taken back and the failure thrown.</param>
    /// <param name="ct">Cancels.</param>
    Task StartAsync(MachineSpec spec, Task disk, CancellationToken ct);

    /// <summary>Stops the machines of a profile: their processes get time to end, then everything on the host is undone but their disks.</summary>
    Task StopAsync(string profile, IReadOnlyList<string> machines, CancellationToken ct);

    /// <summary>Ends the machines of a profile at once and removes all that they left on the host, their disks included. Succeeds also when nothing is there.</summary>
    Task DeleteAsync(string profile, IReadOnlyList<string> machines, CancellationToken ct);

    /// <summary>Stops one machine; the others of the profile run on.</summary>
    Task StopMachineAsync(string profile, string machine, CancellationToken ct);

    /// <summary>Ends one machine at once and removes its disk.</summary>
    Task DeleteMachineAsync(string profile, string machine, CancellationToken ct);

    /// <summary>Whether a machine's node process is frozen.</summary>
    bool IsPaused(string profile, string machine);

    /// <summary>Freezes a machine's node process and the pods with these UIDs; returns how many pods there were.</summary>
    int Pause(string profile, string machine, IReadOnlySet<string> podUids);

    /// <summary>Thaws all that is frozen in a machine; returns how many pods there were.</summary>
    int Unpause(string profile, string machine);

    /// <summary>Changes the limits of a running machine; null means none.</summary>
    void Limit(MachineSpec spec);

    /// <summary>The first process of a running machine, by its number on the host.</summary>
    /// <exception cref="MachineException">It does not run.</exception>
    int InitOf(string machine);

    /// <summary>A command inside a running machine, ready to start.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="arguments">Program and arguments.</param>
    ProcessStartInfo CommandIn(string machine, IReadOnlyList<string> arguments);
}
