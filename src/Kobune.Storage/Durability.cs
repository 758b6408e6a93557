namespace Kobune.Storage;

/// <summary>Whether a commit waits for the disk. Relaxed is for Events and Leases alone.</summary>
public enum Durability
{
    /// <summary>The commit survives power loss when it was answered.</summary>
    Synced,

    /// <summary>The commit may be lost with the last moments before a power loss; order is kept.</summary>
    Relaxed,
}
