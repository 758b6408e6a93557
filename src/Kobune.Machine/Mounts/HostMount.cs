namespace Kobune.Machine.Mounts;

/// <summary>A folder of the host that is shown in a machine: the same files, so a change on either side is seen on the other at once.</summary>
public sealed record HostMount
{
    /// <summary>On the host.</summary>
    public required string Source { get; init; }

    /// <summary>In the node.</summary>
    public required string Target { get; init; }

    /// <summary>Whether the node may not write.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>More mount options: nosuid, nodev, noexec, noatime.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>The user to whom files of the folder's owner seem to belong in the node; null shows owners as they are.</summary>
    public uint? User { get; init; }

    /// <summary>The same for the group.</summary>
    public uint? Group { get; init; }

    /// <summary>Permissions of the node's folder when it is made, which show when nothing is mounted on it.</summary>
    public int Mode { get; init; } = 0b111_101_101;
}
