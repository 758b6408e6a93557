namespace Kobune.Api.Patches;

/// <summary>What strategic merge patch needs to know of a type: how each field is patched. The schema gives it.</summary>
public interface IPatchShape
{
    /// <summary>Name of Go's struct; null for what is none (a map, a free-form value), where objects cannot be merged.</summary>
    string? StructName { get; }

    /// <summary>How the value of a field is patched, or null when the struct has no such field.</summary>
    PatchField? Field(string name);
}

/// <summary>How one field is patched.</summary>
/// <param name="Merge">Strategy "merge" of a list: items are merged by key (or as a set of scalars). Else the list is replaced.</param>
/// <param name="Replace">Strategy "replace" of a map.</param>
/// <param name="MergeKey">Key of the list's items; empty for scalars.</param>
/// <param name="Shape">Type of the value, or of the list's items; null for scalars and free-form values.</param>
public sealed record PatchField(bool Merge, bool Replace, string MergeKey, IPatchShape? Shape);
