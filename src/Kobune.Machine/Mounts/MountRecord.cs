using Kobune.Machine.Host;

namespace Kobune.Machine.Mounts;

/// <summary>A mount that a process in the foreground holds.</summary>
/// <param name="Holder">The process; with its end the mount ends too.</param>
/// <param name="Machines">The machines that show it.</param>
/// <param name="Target">Where.</param>
public sealed record MountRecord(HostProcess Holder, IReadOnlyList<string> Machines, string Target);
