using System.Runtime.InteropServices;

namespace Kobune.Machine.Host;

/// <summary>struct mount_attr of mount_setattr(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MountAttributes
{
    public const ulong ReadOnly = 1;
    public const ulong NoSuid = 2;
    public const ulong NoDev = 4;
    public const ulong NoExec = 8;
    public const ulong NoAtime = 16;
    public const ulong IdMap = 0x00100000;
    public const ulong AtimeMask = 0x70;

    public ulong Set;
    public ulong Clear;
    public ulong Propagation;
    public ulong UserNamespace;
}
