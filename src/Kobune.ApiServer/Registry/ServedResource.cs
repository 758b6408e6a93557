using Kobune.Api;
using Kobune.Api.Schema;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Watch;

namespace Kobune.ApiServer.Registry;

/// <summary>A resource of one version as the server serves it: its schema, and where its objects are kept. Immutable; replaced whole when a custom resource changes.</summary>
public sealed class ServedResource
{
    internal ServedResource(ResourceSchema schema, StoredKind? storage)
    {
        Schema = schema;
        Storage = storage;
        Descriptor = new(schema.Group, schema.Version, schema.Kind, schema.Plural, schema.Namespaced);
        Verbs = schema.Verbs.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Types, names, columns.</summary>
    public ResourceSchema Schema { get; }

    /// <summary>Group, version, kind, plural name, scope.</summary>
    public ResourceDescriptor Descriptor { get; }

    /// <summary>"v1" or "apps/v1".</summary>
    public string ApiVersion => Descriptor.ApiVersion;

    /// <summary>What it can do.</summary>
    internal HashSet<string> Verbs { get; }

    /// <summary>Where its objects are kept; null for what is never stored.</summary>
    internal StoredKind? Storage { get; }

    /// <summary>Whether the stored bytes are already in this version. Custom objects may have been stored in any, and are pruned and defaulted when read.</summary>
    internal bool IsStorageForm => Storage is not null && !Schema.IsCustom && Storage.Schema.ApiVersion == Schema.ApiVersion;

    /// <summary>Of a custom version that is not the stored one: its own rules.</summary>
    internal CustomResources.CustomObjectStrategy? VersionRules { get; init; }

    /// <summary>Whether its CustomResourceDefinition is going: nothing new is made.</summary>
    internal bool IsTerminating { get; init; }

    /// <summary>Why selectors may not name a field; null when they may.</summary>
    internal string? ProblemOf(string field) => Schema.IsCustom
        ? field is "metadata.name" or "metadata.namespace" || Schema.SelectableFields.Contains(field) ? null : KindRules.NotSelectable(field)
        : Storage!.Rules.ProblemOf(field);

    /// <summary>Which entries a request wants.</summary>
    /// <param name="query">With its selectors.</param>
    /// <param name="ns">Namespace; empty for all.</param>
    /// <param name="name">The one object of a watch by path; empty for all.</param>
    internal EntryFilter Filter(QueryValues query, string ns, string name)
    {
        var filter = ListOptionsParser.Filter(query, ns, name, ProblemOf);
        return Schema.IsCustom ? filter : filter with { FieldOf = BuiltInFields.Of };
    }
}
