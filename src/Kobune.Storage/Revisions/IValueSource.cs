namespace Kobune.Storage.Revisions;

/// <summary>Where values lie that are not in memory any more.</summary>
internal interface IValueSource
{
    /// <summary>Loads the values of versions; false when compaction has removed one of them meanwhile.</summary>
    bool TryLoad(IReadOnlyList<VersionRef> versions, KeyValue[] values);
}
