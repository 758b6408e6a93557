namespace Kobune.ApiServer.Fields;

/// <summary>How lists of a type merge.</summary>
internal enum ListShape
{
    /// <summary>As a whole.</summary>
    Atomic,

    /// <summary>A set of scalars.</summary>
    Set,

    /// <summary>Objects told apart by keys.</summary>
    Map,
}

/// <summary>What field management needs to know of a type. Adapted from the schema.</summary>
internal abstract class FieldShape
{
    /// <summary>Whether the whole value belongs to one manager.</summary>
    public abstract bool IsAtomic { get; }

    /// <summary>How a list of this type merges.</summary>
    public abstract ListShape List { get; }

    /// <summary>Keys of a <see cref="ListShape.Map"/>.</summary>
    public abstract IReadOnlyList<string> Keys { get; }

    /// <summary>Type of a list's items; null for free-form ones.</summary>
    public abstract FieldShape? Item { get; }

    /// <summary>Type of a field or of a map's values; null when the schema does not know it.</summary>
    public abstract FieldShape? Child(string name);

    /// <summary>Whether the field stands in the JSON even when nothing is set (a struct or list by value without omitempty): such a container is nobody's.</summary>
    public abstract bool IsAlwaysPresent(string name);
}
