namespace Kobune.Storage.Sqlite;

/// <summary>Copies an open store to a file. Writers go on meanwhile; the copy is the store at one revision, compacted and marked as a backup.</summary>
internal static class SqliteBackup
{
    /// <exception cref="StoreException">The target exists or cannot be written.</exception>
    public static void Write(string source, string target)
    {
        if (File.Exists(target))
        {
            throw new StoreException(StoreFailure.ReadOnly, $"{target} exists: name a new file for the backup");
        }

        var draft = target + ".part";
        File.Delete(draft);
        try
        {
            using (var reader = Database.OpenReader(source))
            {
                using var copy = reader.Prepare("VACUUM INTO ?1");
                copy.Bind(1, draft).Run();
            }

            using (var database = Database.OpenWriter(draft))
            {
                SqliteLayout.SetMeta(database, SqliteLayout.Backup, 1); // SQLite's default is one synced commit
            }

            File.Move(draft, target);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }
    }
}
