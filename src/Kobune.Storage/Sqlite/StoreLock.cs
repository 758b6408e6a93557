using System.Globalization;

namespace Kobune.Storage.Sqlite;

/// <summary>Keeps a second process away from a store. The lock is the kernel's on an open file, so it ends with its process, however that ends.</summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <exception cref="StoreException">Another process has the store open, or the directory cannot be written.</exception>
    public static StoreLock Take(string store)
    {
        var path = store + ".lock";
        var hadLock = File.Exists(path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(store))!);
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

            // In a file of its own: nobody else can even read the locked one.
            File.WriteAllText(OwnerFile(store), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new StoreLock(file);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw hadLock && e is IOException and not DirectoryNotFoundException && IsHeld(path)
                ? new StoreException(StoreFailure.InUse, $"the store {store} is in use by process {Owner(store)}: stop that one first", e)
                : new StoreException(StoreFailure.ReadOnly, SqliteErrors.Text(StoreFailure.ReadOnly, store) + $" ({e.Message})", e);
        }
    }

    public void Dispose() => _file.Dispose();

    private static string OwnerFile(string store) => store + ".pid";

    /// <summary>A lock that cannot even be shared for reading is held by somebody; a disk that is merely read-only lets it.</summary>
    private static bool IsHeld(string path)
    {
        try
        {
            using var probe = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Owner(string store)
    {
        try
        {
            return File.ReadAllText(OwnerFile(store)).Trim();
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return "(unknown)";
        }
    }
}
