using Kobune.Api.Selectors;

namespace Kobune.ApiServer.Watch;

/// <summary>Which entries a list or watch wants.</summary>
/// <param name="Namespace">Namespace; empty for all.</param>
/// <param name="Labels">Label selector.</param>
/// <param name="Fields">Field selector.</param>
internal sealed record EntryFilter(string Namespace, Selector Labels, FieldSelector Fields)
{
    public static EntryFilter All { get; } = new("", Selector.Everything, FieldSelector.Everything);

    /// <summary>Reads a field label of an entry.</summary>
    public Func<CacheEntry, string, string> FieldOf { get; init; } = PathOf;

    /// <summary>Whether the namespace alone decides.</summary>
    public bool HasSelector => !Labels.IsEverything || !Fields.IsEverything;

    /// <summary>The name that an entry must have, or null.</summary>
    public string? Name => Fields.ExactValue("metadata.name");

    public bool Matches(CacheEntry entry) =>
        (Namespace.Length == 0 || entry.Namespace == Namespace)
        && (Labels.IsEverything || Labels.Matches(entry.Labels))
        && (Fields.IsEverything || Fields.Matches(field => FieldOf(entry, field)));

    private static string PathOf(CacheEntry entry, string field) => entry.Field(field);
}
