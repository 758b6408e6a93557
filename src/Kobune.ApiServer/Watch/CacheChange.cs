namespace Kobune.ApiServer.Watch;

/// <summary>One change of one object, shared by all watchers that see it.</summary>
internal sealed class CacheChange(long revision, CacheEntry? current, CacheEntry? previous)
{
    private CacheEntry? _last;

    public long Revision { get; } = revision;

    /// <summary>The object after the change; null when it was deleted.</summary>
    public CacheEntry? Current { get; } = current;

    /// <summary>The object before the change; null when it was created.</summary>
    public CacheEntry? Previous { get; } = previous;

    /// <summary>The previous body at this revision: what DELETED carries.</summary>
    public CacheEntry Last => _last ??= Previous!.AtRevision(Revision);
}
