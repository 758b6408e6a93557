using System.Runtime.InteropServices;

namespace Kobune.Machine.Host;

/// <summary>The system calls that .NET does not offer.</summary>
internal static partial class Syscalls
{
    public const ulong MsRdonly = 1;
    public const ulong MsNosuid = 2;
    public const ulong MsNodev = 4;
    public const ulong MsNoexec = 8;
    public const ulong MsRemount = 32;
    public const ulong MsBind = 4096;
    public const ulong MsRec = 16384;
    public const ulong MsPrivate = 1 << 18;
    public const ulong MsShared = 1 << 20;
    public const ulong MsSlave = 1 << 19;
    public const int MntDetach = 2;
    public const int CloneFs = 0x00000200;
    public const int CloneNewns = 0x00020000;
    public const int CloneNewcgroup = 0x02000000;
    public const int LockEx = 2;
    public const int LockNb = 4;
    public const int SigTerm = 15;
    public const int SigKill = 9;
    public const int SigPipe = 13;
    public const uint CharacterDevice = 0x2000;
    private const int OpenFlags = 0x80000; // O_RDONLY | O_CLOEXEC

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Mount(string? source, string target, string? type, ulong flags, string? data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unmount(string target, int flags);

    [LibraryImport("libc", EntryPoint = "pivot_root", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int PivotRoot(string newRoot, string putOld);

    [LibraryImport("libc", EntryPoint = "chdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeFolder(string path);

    [LibraryImport("libc", EntryPoint = "sethostname", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetHostName(string name, nuint length);

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    public static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    public static partial int SetSession();

    [LibraryImport("libc", EntryPoint = "mknod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeNode(string path, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "umask")]
    public static partial uint SetCreationMask(uint mask);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    public static partial nint SetSignal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    public static partial int Duplicate(int from, int to);

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    public static partial int Duplicate(int from);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(int descriptor, int command, int value);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Execute(string path, string?[] arguments, string?[] environment);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int HardLink(string existing, string link);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int EnterNamespace(int descriptor, int kind);

    /// <summary>open_tree(2): a copy of a folder's mount that is attached nowhere yet.</summary>
    public static int OpenTree(string path, uint flags) => (int)CallOpenTree(428, -100, path, flags);

    /// <summary>move_mount(2) of such a copy to a path.</summary>
    public static int MoveMount(int tree, string target) => (int)CallMoveMount(429, tree, "", -100, target, 4); // 4: MOVE_MOUNT_F_EMPTY_PATH

    /// <summary>mount_setattr(2) on such a copy and all below it.</summary>
    public static int SetMountAttributes(int tree, in MountAttributes attributes) => (int)CallSetAttributes(442, tree, "", 0x1000 | 0x8000, attributes, 32); // AT_EMPTY_PATH | AT_RECURSIVE

    /// <summary>Opens a file or folder for locking; the descriptor does not leak into programs that are started.</summary>
    public static int OpenForLock(string path) => Open(path, OpenFlags);

    /// <summary>Throws with the errno's text when a call returned -1.</summary>
    public static void Check(int result, string what)
    {
        if (result == -1)
        {
            var error = Marshal.GetLastPInvokeError();
            const int NoSpace = 28;
            throw new MachineException(error == NoSpace ? MachineFault.NoSpace : MachineFault.Provision, $"{what}: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint CallOpenTree(nint number, nint folder, string path, nuint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint CallMoveMount(nint number, nint fromFolder, string from, nint toFolder, string to, nuint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint CallSetAttributes(nint number, nint folder, string path, nuint flags, in MountAttributes attributes, nuint size);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
