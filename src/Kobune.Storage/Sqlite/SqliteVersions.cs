namespace Kobune.Storage.Sqlite;

/// <summary>
/// Which versions of the SQLite library may hold a store. The WAL-reset defect (3.7.0 to 3.51.2) needs two connections that write or checkpoint at
/// once; this store has one connection that does either, so those versions are sound here.
/// </summary>
internal static class SqliteVersions
{
    /// <summary>Below it, releases in use had defects that damage files (the last in 3.35.0 to 3.35.4).</summary>
    private const int Oldest = 3_035_005;

    /// <summary>Withdrawn by its authors within days.</summary>
    private const int Withdrawn = 3_052_000;

    /// <summary>What is wrong with a version (as sqlite3_libversion_number gives it), null when nothing.</summary>
    public static string? Defect(int version) => version switch
    {
        < Oldest => "older than 3.35.5, and has known defects that damage files",
        Withdrawn => "withdrawn by its authors",
        _ => null,
    };

    public static string Text(int version) => $"{version / 1_000_000}.{version / 1000 % 1000}.{version % 1000}";
}
