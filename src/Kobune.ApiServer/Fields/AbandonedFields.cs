using System.Text.Json.Nodes;

namespace Kobune.ApiServer.Fields;

/// <summary>Takes out of an object what a manager applied before and no longer does, unless another has it. Source: structured-merge-diff, merge.Updater's prune.</summary>
internal static class AbandonedFields
{
    /// <summary>Prunes in place.</summary>
    /// <param name="merged">The object with the new configuration put over it.</param>
    /// <param name="last">What the manager applied before.</param>
    /// <param name="owned">What all managers own now, this one included.</param>
    /// <param name="shape">The kind's type.</param>
    public static void Prune(JsonObject merged, FieldSet last, IEnumerable<FieldSet> owned, FieldShape shape)
    {
        var managed = new FieldSet();
        foreach (var fields in owned)
        {
            managed.Add(fields);
        }

        last = WithContainers(last, shape);
        if (last.Find("f:metadata") is { } metadata)
        {
            metadata.IsMember = false; // it holds what is no manager's
        }

        var there = FieldsOf(merged, shape);
        var abandoned = Missing(there, Without(merged, last, shape), shape);
        abandoned.Remove(WithContainers(managed, shape)); // owners get back what is theirs
        abandoned = Missing(there, Without(merged, abandoned, shape), shape);
        FieldMerge.Remove(merged, abandoned.Intersect(last), shape); // and so does nobody what was never this manager's
    }

    private static FieldSet FieldsOf(JsonObject obj, FieldShape shape) => WithContainers(AppliedFields.OfObject(obj, shape), shape);

    private static JsonObject Without(JsonObject obj, FieldSet fields, FieldShape shape)
    {
        var copy = (JsonObject)obj.DeepClone();
        FieldMerge.Remove(copy, fields, shape);
        return copy;
    }

    private static FieldSet Missing(FieldSet there, JsonObject pruned, FieldShape shape)
    {
        var missing = there.Clone();
        missing.Remove(FieldsOf(pruned, shape));
        return missing;
    }

    /// <summary>The set and the struct fields that hold members of it: who owns what is in a field keeps the field.</summary>
    private static FieldSet WithContainers(FieldSet set, FieldShape shape)
    {
        set = set.Clone();
        Add(set, shape);
        return set;
    }

    private static void Add(FieldSet set, FieldShape shape)
    {
        foreach (var (element, child) in set.Children)
        {
            var name = element[2..];
            var isField = element.StartsWith("f:", StringComparison.Ordinal);
            child.IsMember |= isField && shape.IsDeclared(name);
            Add(child, isField ? shape.Child(name) : shape.Item);
        }
    }
}
