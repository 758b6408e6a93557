namespace Kobune.Client;

/// <summary>One event of a watch: <see cref="WatchEventType.Added"/>, Modified, Deleted or Bookmark (then only the resourceVersion of the object counts).</summary>
public readonly record struct WatchEvent<T>(string Type, T Object);

/// <summary>Types of watch events.</summary>
public static class WatchEventType
{
    /// <summary>The object came to be, or entered the selector.</summary>
    public const string Added = "ADDED";

    /// <summary>It changed.</summary>
    public const string Modified = "MODIFIED";

    /// <summary>It went, or left the selector; the object is its last state.</summary>
    public const string Deleted = "DELETED";

    /// <summary>Everything up to this revision was delivered.</summary>
    public const string Bookmark = "BOOKMARK";

    /// <summary>The watch failed; the object is a Status.</summary>
    public const string Error = "ERROR";
}
