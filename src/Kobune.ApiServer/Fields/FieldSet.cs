using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Fields;

/// <summary>A set of fields as a tree. Path elements are FieldsV1's own: "f:name", k:{"key":"value"}, v:value. Mutable; each set has one owner.
/// Source: structured-merge-diff, fieldpath.Set.</summary>
internal sealed class FieldSet
{
    private SortedDictionary<string, FieldSet>? _children;

    /// <summary>Whether the path itself is in the set.</summary>
    public bool IsMember { get; set; }

    public bool IsEmpty => !IsMember && _children is null;

    /// <summary>The child at a path element, made when missing. Call <see cref="Trim"/> on the root afterwards when it may have stayed empty.</summary>
    public FieldSet Child(string element)
    {
        _children ??= new(StringComparer.Ordinal);
        if (!_children.TryGetValue(element, out var child))
        {
            _children[element] = child = new FieldSet();
        }

        return child;
    }

    public FieldSet? Find(string element) => _children is not null && _children.TryGetValue(element, out var child) ? child : null;

    /// <summary>Adds all paths of another set.</summary>
    public void Add(FieldSet other)
    {
        IsMember |= other.IsMember;
        foreach (var (element, child) in other._children ?? [])
        {
            Child(element).Add(child);
        }
    }

    /// <summary>Takes out all paths of another set; true when one was there.</summary>
    public bool Remove(FieldSet other)
    {
        var changed = IsMember && other.IsMember;
        IsMember &= !other.IsMember;
        if (_children is null || other._children is null)
        {
            return changed;
        }

        foreach (var (element, child) in other._children)
        {
            if (Find(element) is { } mine) // Drop may have taken the last child
            {
                changed |= mine.Remove(child);
                Drop(element, mine);
            }
        }

        return changed;
    }

    /// <summary>Takes out a path and everything below it.</summary>
    public void RemoveBelow(ReadOnlySpan<string> path)
    {
        if (_children is null || !_children.TryGetValue(path[0], out var child))
        {
            return;
        }

        if (path.Length == 1)
        {
            _children.Remove(path[0]);
            _children = _children.Count == 0 ? null : _children;
            return;
        }

        child.RemoveBelow(path[1..]);
        Drop(path[0], child);
    }

    /// <summary>Forgets children that hold nothing.</summary>
    public void Trim()
    {
        foreach (var (element, child) in _children?.ToArray() ?? [])
        {
            child.Trim();
            Drop(element, child);
        }
    }

    /// <summary>The paths that are in both sets.</summary>
    public FieldSet Intersect(FieldSet other)
    {
        var both = new FieldSet { IsMember = IsMember && other.IsMember };
        foreach (var (element, child) in _children ?? [])
        {
            if (other.Find(element) is { } match && child.Intersect(match) is { IsEmpty: false } inner)
            {
                (both._children ??= new(StringComparer.Ordinal))[element] = inner;
            }
        }

        return both;
    }

    /// <summary>All members as lists of path elements; at each level what is there comes before what is below.</summary>
    public IEnumerable<IReadOnlyList<string>> Paths() => Paths([]);

    /// <summary>The children by path element.</summary>
    public IEnumerable<KeyValuePair<string, FieldSet>> Children => _children ?? [];

    private IEnumerable<IReadOnlyList<string>> Paths(List<string> parent)
    {
        foreach (var (element, child) in Children)
        {
            if (child.IsMember)
            {
                yield return [.. parent, element];
            }
        }

        foreach (var (element, child) in Children)
        {
            foreach (var path in child.Paths([.. parent, element]))
            {
                yield return path;
            }
        }
    }

    public FieldSet Clone()
    {
        var copy = new FieldSet();
        copy.Add(this);
        return copy;
    }

    /// <summary>FieldsV1: members are {}, a member with children has "." among them.</summary>
    public JsonObject Encode()
    {
        var result = new JsonObject();
        if (_children is null)
        {
            return result;
        }

        if (IsMember)
        {
            result["."] = new JsonObject();
        }

        foreach (var (element, child) in _children)
        {
            result[element] = child.Encode();
        }

        return result;
    }

    /// <summary>Reads FieldsV1. What is no object counts as empty.</summary>
    public static FieldSet Decode(JsonNode? fields)
    {
        var set = Node(fields);
        set.IsMember = false; // the root stands for the object
        return set;
    }

    private static FieldSet Node(JsonNode? fields)
    {
        var set = new FieldSet();
        if (fields is not JsonObject { Count: > 0 } map)
        {
            set.IsMember = true;
            return set;
        }

        foreach (var (element, child) in map)
        {
            if (element == ".")
            {
                set.IsMember = true;
            }
            else
            {
                (set._children ??= new(StringComparer.Ordinal))[element] = Node(child);
            }
        }

        return set;
    }

    private void Drop(string element, FieldSet child)
    {
        if (child.IsEmpty && _children!.Remove(element) && _children.Count == 0)
        {
            _children = null;
        }
    }
}
