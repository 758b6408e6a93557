using Kobune.Storage.Revisions;

namespace Kobune.Storage.Sqlite;

/// <summary>Reads one value by its row's id.</summary>
internal static class ValueRow
{
    /// <param name="select">A statement with the id as its parameter and the value as its column.</param>
    /// <param name="key">The key.</param>
    /// <param name="version">The version wanted.</param>
    /// <returns>Null when the row is gone.</returns>
    public static KeyValue? TryRead(Statement select, string key, KeyVersion version)
    {
        select.Bind(1, version.Id);
        try
        {
            return select.Step() ? new KeyValue(key, select.Bytes(0).ToArray(), version.Revision, version.Created) : null;
        }
        finally
        {
            select.Reset();
        }
    }
}
