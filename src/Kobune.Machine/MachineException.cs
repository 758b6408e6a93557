namespace Kobune.Machine;

/// <summary>What went wrong with a machine, as a value that the command line maps to a reason id and an exit code.</summary>
public enum MachineFault
{
    /// <summary>The machine could not be made or started.</summary>
    Provision,

    /// <summary>The caller is not root.</summary>
    NotRoot,

    /// <summary>No free subnet, or the one asked for is taken.</summary>
    Network,

    /// <summary>A program that the machine needs is missing.</summary>
    MissingProgram,

    /// <summary>The disk is full.</summary>
    NoSpace,

    /// <summary>The machine did not stop in time.</summary>
    StopTimeout,

    /// <summary>A change to the host could not be undone.</summary>
    Undo,
}

/// <summary>A machine operation failed; the message is one line for the user.</summary>
public sealed class MachineException(MachineFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The kind of failure.</summary>
    public MachineFault Fault { get; } = fault;
}
