using Kobune.Api.Meta.V1;

namespace Kobune.ApiServer.Watch;

/// <summary>What happened to an object, as a watch tells it.</summary>
public enum WatchEventType
{
    /// <summary>It came to be, or into the selector.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It went, or out of the selector.</summary>
    Deleted,

    /// <summary>Everything up to the entry's revision has been sent.</summary>
    Bookmark,

    /// <summary>The watch ends with a Status.</summary>
    Error,
}

/// <summary>One event of a watch. An error has a <paramref name="Error"/> and no entry; a bookmark's entry has nothing but its metadata.</summary>
public readonly record struct WatchEvent(WatchEventType Type, CacheEntry? Entry, Status? Error = null)
{
    /// <summary>Upstream's word for the type.</summary>
    public string TypeName => Type switch
    {
        WatchEventType.Added => "ADDED",
        WatchEventType.Modified => "MODIFIED",
        WatchEventType.Deleted => "DELETED",
        WatchEventType.Bookmark => "BOOKMARK",
        _ => "ERROR",
    };
}
