using Kobune.Machine.Mounts;

namespace Kobune.Cli.Mounts;

/// <summary>What `start` was told about mounts.</summary>
/// <param name="Mounts">The user's; null keeps the profile's.</param>
/// <param name="DisableDriverMounts">Whether /hosthome stays away.</param>
internal sealed record MountSettings(IReadOnlyList<HostMount>? Mounts, bool DisableDriverMounts);
