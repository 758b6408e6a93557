namespace Kobune.Storage.Revisions;

/// <summary>One version of a key; versions of a key form a list from the newest to the oldest that compaction has left.</summary>
/// <param name="id">Revision and position in the commit, see <see cref="VersionId"/>; the row id in SQLite.</param>
/// <param name="created">Revision that created the key; 0 marks a delete.</param>
/// <param name="length">Bytes of the value.</param>
internal sealed class KeyVersion(long id, long created, int length)
{
    /// <summary>What a version costs beside key and value, roughly; so a flood of deletes is bounded too.</summary>
    private const int Overhead = 128;

    public long Id { get; } = id;

    public long Created { get; } = created;

    public int Length { get; } = length;

    /// <summary>The value while it is in memory. Written under the store's gate, read without: a reader that sees null loads it by <see cref="Id"/>.</summary>
    public KeyValue? Item { get; set; }

    /// <summary>The version before, until compaction forgets it.</summary>
    public KeyVersion? Older { get; set; }

    public long Revision => VersionId.Revision(Id);

    public bool IsDelete => Created == 0;

    public long Cost => Length + Overhead;
}
