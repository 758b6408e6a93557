using Kobune.Storage.Revisions;

namespace Kobune.Storage.Sqlite;

/// <summary>Fills the index from the file: keys and lengths, no values.</summary>
internal static class SqliteLoader
{
    /// <summary>How far a restored backup jumps, upstream's own advice for etcd (--bump-revision 1000000000 --mark-compacted): past all that the lost original can have given.</summary>
    private const long RestoreJump = 1_000_000_000;

    /// <summary>
    /// Loads everything and returns the persisted ceiling. Ids of rows that a compaction had no time to delete go to <paramref name="garbage"/>,
    /// versions with a deadline to <paramref name="expiring"/>: they may be due at once, which needs a running writer.
    /// </summary>
    public static long Load(Database database, RevisionCore core, List<long> garbage, List<Expiring> expiring)
    {
        var ceiling = SqliteLayout.Meta(database, SqliteLayout.Ceiling);
        var compacted = SqliteLayout.Meta(database, SqliteLayout.Compacted);
        lock (core.Gate)
        {
            LoadLog(database, core.Index, compacted, expiring);
            Rest(core.Index, Math.Max(ceiling, core.Index.Revision));
            if (SqliteLayout.Meta(database, SqliteLayout.Backup) != 0)
            {
                compacted = ceiling = BeginNewLife(database, core.Index);
            }

            core.Index.Compact(compacted, garbage);
            expiring.RemoveAll(item => core.Index.Current(item.Key) != item.Version);
        }

        return ceiling;
    }

    private static void LoadLog(Database database, RevisionIndex index, long compacted, List<Expiring> expiring)
    {
        index.AdvanceTo(compacted);
        using var rows = database.Prepare("SELECT id, key, created, expires, length(value) FROM log ORDER BY id");
        while (rows.Step())
        {
            var (id, key) = (rows.Long(0), rows.Text(1));
            Rest(index, VersionId.Revision(id) - 1);
            var version = new KeyVersion(id, rows.Long(2), rows.Int(4));
            index.Append(key, version);
            if (!rows.IsNull(3))
            {
                expiring.Add(new Expiring(key, version, rows.Long(3)));
            }
        }
    }

    /// <summary>
    /// Above the compacted revision every revision has a row. Where some are missing, an unclean stop took them along (or a failed write never
    /// used them), and the store then rested at the revision it had jumped to.
    /// </summary>
    private static void Rest(RevisionIndex index, long at)
    {
        if (at > index.Revision)
        {
            index.AddGap(new RevisionGap(index.Revision, at));
        }
    }

    /// <summary>A backup that is put in place must neither repeat the original's revisions nor serve its watches and continue tokens.</summary>
    private static long BeginNewLife(Database database, RevisionIndex index)
    {
        var revision = index.Revision + RestoreJump;
        database.Execute("BEGIN IMMEDIATE");
        SqliteLayout.SetMeta(database, SqliteLayout.Ceiling, revision);
        SqliteLayout.SetMeta(database, SqliteLayout.Compacted, revision);
        SqliteLayout.SetMeta(database, SqliteLayout.Backup, 0);
        database.Execute("COMMIT");
        index.AdvanceTo(revision);
        return revision;
    }

    /// <summary>A version and when it expires, in Unix milliseconds.</summary>
    public readonly record struct Expiring(string Key, KeyVersion Version, long Deadline);
}
