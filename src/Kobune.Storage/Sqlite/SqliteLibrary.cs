using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Kobune.Storage.Sqlite;

/// <summary>Binds the SQLite library once per process: the system's, which gets security updates, or the bundled one where there is none.</summary>
internal static class SqliteLibrary
{
    private const string BundledName = "e_sqlite3";

    private static readonly Lazy<string?> Loading = new(Load, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <exception cref="StoreException">There is no SQLite library, or one that may not hold a store.</exception>
    public static void Require()
    {
        if (Loading.Value is { } defect)
        {
            throw new StoreException(StoreFailure.UnsupportedLibrary, defect);
        }
    }

    private static string? Load()
    {
        try
        {
            var provider = new SQLite3Provider_e_sqlite3();
            NativeLibrary.SetDllImportResolver(provider.GetType().Assembly, Resolve);
            raw.SetProvider(provider);
            var version = raw.sqlite3_libversion_number();
            return SqliteVersions.Defect(version) is { } defect
                ? $"the SQLite library of this system is version {SqliteVersions.Text(version)}, {defect}: install a newer one (package libsqlite3-0)"
                : null;
        }
        catch (DllNotFoundException)
        {
            return "there is no SQLite library on this system: install it (package libsqlite3-0)";
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != BundledName)
        {
            return 0;
        }

        foreach (var candidate in SystemNames())
        {
            if (NativeLibrary.TryLoad(candidate, out var library))
            {
                return library;
            }
        }

        return 0; // the default search finds the bundled one
    }

    private static string[] SystemNames() =>
        OperatingSystem.IsLinux() ? ["libsqlite3.so.0"] : OperatingSystem.IsMacOS() ? ["/usr/lib/libsqlite3.dylib"] : ["winsqlite3.dll"];
}
