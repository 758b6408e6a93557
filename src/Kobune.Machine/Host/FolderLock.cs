using System.Runtime.InteropServices;

namespace Kobune.Machine.Host;

/// <summary>An advisory lock (flock) on an existing folder, so that locking leaves no file behind. It ends with the process.</summary>
public sealed class FolderLock : IDisposable
{
    private readonly int _descriptor;

    private FolderLock(int descriptor) => _descriptor = descriptor;

    /// <summary>Waits until nobody else holds the folder.</summary>
    public static async Task<FolderLock> AcquireAsync(string folder, TimeProvider time, CancellationToken ct)
    {
        var descriptor = Syscalls.OpenForLock(folder);
        Syscalls.Check(descriptor, $"lock {folder}");
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

    /// <inheritdoc/>
    public void Dispose() => _ = Syscalls.Close(_descriptor);
}
