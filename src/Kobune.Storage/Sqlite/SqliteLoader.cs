using Kobune.Storage.Revisions;

namespace Kobune.Storage.Sqlite;

/// <summary>Fills the index from the file: keys and lengths, no values.</summary>
internal static class SqliteLoader
{
    /// <summary>How far a restored backup jumps, upstream's own advice for etcd (--bump-revision 1000000000 --mark-compacted): past all that the lost original can have given.</summary>
    private const long RestoreJump = 1_000_000_000;

    /// <summary>Loads everything and returns the persisted ceiling. Ids of rows that a compaction had no time to delete go to <paramref name="garbage"/>.</summary>
    public static long Load(Database database, RevisionCore core, List<long> garbage)
    {
        var ceiling = SqliteLayout.Meta(database, SqliteLayout.Ceiling);
        var compacted = SqliteLayout.Meta(database, SqliteLayout.Compacted);
        lock (core.Gate)
        {
            var expiring = LoadLog(database, core.Index, compacted);
            Rest(core.Index, Math.Max(ceiling, core.Index.Revision));
            if (SqliteLayout.Meta(database, SqliteLayout.Backup) != 0)
            {
                compacted = ceiling = BeginNewLife(database, core.Index);
            }

            core.Index.Compact(compacted, garbage);
            foreach (var (key, version, deadline) in expiring)
            {
                if (core.Index.Current(key) == version)
                {
                    core.Expiry.Add(key, version, deadline);
                }
            }
        }

        return ceiling;
    }

    private static List<(string Key, KeyVersion Version, long Deadline)> LoadLog(Database database, RevisionIndex index, long compacted)
    {
        var expiring = new List<(string, KeyVersion, long)>();
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
                expiring.Add((key, version, rows.Long(3)));
            }
        }

        return expiring;
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
}
