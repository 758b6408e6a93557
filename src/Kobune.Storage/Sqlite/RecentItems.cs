using Kobune.Storage.Revisions;

namespace Kobune.Storage.Sqlite;

/// <summary>Keeps the values written last in memory, within a bound of bytes; used by the writer alone.</summary>
internal sealed class RecentItems(int maxBytes)
{
    private readonly Queue<KeyVersion> _versions = new();
    private long _bytes;

    public void Add(KeyVersion version)
    {
        if (version.Item is null)
        {
            return;
        }

        _versions.Enqueue(version);
        _bytes += version.Cost;
        while (_bytes > maxBytes)
        {
            var oldest = _versions.Dequeue();
            _bytes -= oldest.Cost;
            oldest.Item = null;
        }
    }
}
