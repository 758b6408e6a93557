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

    /// <summary>What a machine is doing now.</summary>
    MachineState StateOf(string machine);

    /// <summary>Chooses the network of a profile, or checks the one asked for. The choice holds until <see cref="StartAsync"/> made the bridge.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="wanted">"192.168.49.0/24", or null for the first free one.</param>
    /// <param name="ct">Cancels.</param>
    Task<string> ChooseSubnetAsync(string profile, string? wanted, CancellationToken ct);

    /// <summary>Starts a machine that does not run; what a crash or a reboot left of it is undone first.</summary>
    Task StartAsync(MachineSpec spec, CancellationToken ct);

    /// <summary>Stops the machines of a profile: their processes get time to end, then everything on the host is undone but their disks.</summary>
    Task StopAsync(string profile, IReadOnlyList<string> machines, CancellationToken ct);

    /// <summary>Ends the machines of a profile at once and removes all that they left on the host, their disks included. Succeeds also when nothing is there.</summary>
    Task DeleteAsync(string profile, IReadOnlyList<string> machines, CancellationToken ct);

    /// <summary>A command inside a running machine, ready to start.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="arguments">Program and arguments.</param>
    ProcessStartInfo CommandIn(string machine, IReadOnlyList<string> arguments);
}
