using Kobune.Storage.Revisions;

namespace Kobune.Storage.Sqlite;

/// <summary>The store as the next transaction of a group sees it: the index, and on top what the group has decided but not yet written.</summary>
internal sealed class GroupView(RevisionIndex index, WriterStatements sql)
{
    private readonly Dictionary<string, KeyVersion> _decided = new(StringComparer.Ordinal);

    public long Revision { get; private set; } = index.Revision;

    public KeyVersion? Current(string key) =>
        _decided.TryGetValue(key, out var version) ? (version.IsDelete ? null : version) : index.Current(key);

    /// <summary>The current value, from memory or from the file.</summary>
    public KeyValue? Read(string key) => Current(key) is { } version ? version.Item ?? sql.Read(key, version) : null;

    public void Add(List<Change> changes, long revision)
    {
        changes.ForEach(change => _decided[change.Key] = change.Version);
        Revision = revision;
    }
}
