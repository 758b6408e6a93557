using System.Runtime.InteropServices;

namespace Kobune.Machine.Host;

/// <summary>An advisory lock (flock) on an existing folder (or file), so that locking leaves no file behind. It ends with the process.</summary>
public sealed class FolderLock : IDisposable
{
    private readonly int _descriptor;

    private FolderLock(int descriptor) => _descriptor = descriptor;

    /// <summary>
    /// Waits until nobody else holds the folder, which is made if it is missing: the holder before may have deleted it, and a lock on a deleted
    /// folder keeps nobody out.
    /// </summary>
    public static async Task<FolderLock> AcquireAsync(string folder, TimeProvider time, CancellationToken ct)
    {
        while (true)
        {
            Directory.CreateDirectory(folder);
            var descriptor = Syscalls.OpenForLock(folder);
            if (descriptor == -1 && !Directory.Exists(folder))
            {
                continue; // deleted between the two lines above
            }

            Syscalls.Check(descriptor, $"lock {folder}");
            var held = await AcquireAsync(descriptor, folder, time, ct);
            if (!held.IsDeleted)
            {
                return held;
            }

            held.Dispose();
        }
    }

    private bool IsDeleted => new FileInfo($"/proc/self/fd/{_descriptor}").LinkTarget?.EndsWith(" (deleted)", StringComparison.Ordinal) == true;

    private static async Task<FolderLock> AcquireAsync(int descriptor, string folder, TimeProvider time, CancellationToken ct)
    {
        try
        {
            while (Syscalls.Lock(descriptor, Syscalls.LockEx | Syscalls.LockNb) == -1)
            {
                const int WouldBlock = 11;
                if (Marshal.GetLastPInvokeError() != WouldBlock)
                {
                    Syscalls.Check(-1, $"lock {folder}");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), time, ct);
            }

            return new(descriptor);
        }
        catch
        {
            _ = Syscalls.Close(descriptor);
            throw;
        }
    }

    /// <summary>Takes the lock of an existing folder at once; null when somebody else holds it.</summary>
    public static FolderLock? TryAcquire(string folder)
    {
        var descriptor = Syscalls.OpenForLock(folder);
        Syscalls.Check(descriptor, $"lock {folder}");
        if (Syscalls.Lock(descriptor, Syscalls.LockEx | Syscalls.LockNb) == 0)
        {
            return new(descriptor);
        }

        _ = Syscalls.Close(descriptor);
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Syscalls.Close(_descriptor);
}
