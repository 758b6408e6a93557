namespace Kobune.Api.Schema;

/// <summary>A resource of one group and version: what is served under /apis/group/version/plural.</summary>
public sealed record ResourceSchema
{
    /// <summary>API group; empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>Served version.</summary>
    public required string Version { get; init; }

    /// <summary>Name in paths.</summary>
    public required string Plural { get; init; }

    /// <summary>Kind of one object.</summary>
    public required string Kind { get; init; }

    /// <summary>Type of one object.</summary>
    public required SchemaType Type { get; init; }

    /// <summary>Kind of the list; empty when it cannot be listed.</summary>
    public string ListKind { get; init; } = "";

    /// <summary>Type of the list, or null when it cannot be listed.</summary>
    public SchemaType? ListType { get; init; }

    /// <summary>Singular name.</summary>
    public string Singular { get; init; } = "";

    /// <summary>kubectl's short names.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>"all" and its like.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Whether objects live in a namespace.</summary>
    public bool Namespaced { get; init; }

    /// <summary>Verbs, sorted; of a custom kind in the order of upstream's discovery.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>Whether a server with this schema serves it: beta versions only when they were asked for, and what has a feature gate only when that is on.</summary>
    public bool IsServed { get; init; } = true;

    /// <summary>The feature gate without which it is not served; empty = none.</summary>
    public string Gate { get; init; } = "";

    /// <summary>Whether its version is served only when asked for.</summary>
    public bool IsBeta { get; init; }

    /// <summary>apiVersion in which objects are stored; empty when they are not stored.</summary>
    public string StorageApiVersion { get; init; } = "";

    /// <summary>Upstream's hash of the storage version, in discovery.</summary>
    public string StorageVersionHash { get; init; } = "";

    /// <summary>Where objects are stored, "/registry/pods"; empty when they are not.</summary>
    public string KeyPrefix { get; init; } = "";

    /// <summary>Subresources, sorted by name.</summary>
    public IReadOnlyList<SubresourceSchema> Subresources { get; init; } = [];

    /// <summary>Table columns; without any, Name and Created At.</summary>
    public IReadOnlyList<ColumnSchema> Columns { get; init; } = [];

    /// <summary>Of a custom resource: fields that selectors may name, "spec.color".</summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    /// <summary>Of a custom resource with a scale subresource.</summary>
    public ScalePaths? Scale { get; init; }

    /// <summary>The warning that every request gets; empty for none.</summary>
    public string DeprecationWarning { get; init; } = "";

    /// <summary>Whether a CustomResourceDefinition made it.</summary>
    public bool IsCustom => Type.IsCustom;

    /// <summary>"v1" or "apps/v1".</summary>
    public string ApiVersion => Group.Length == 0 ? Version : Group + "/" + Version;

    /// <summary>The subresource of a name, or null.</summary>
    public SubresourceSchema? FindSubresource(string name)
    {
        foreach (var subresource in Subresources)
        {
            if (subresource.Name == name)
            {
                return subresource;
            }
        }

        return null;
    }
}

/// <summary>A subresource.</summary>
/// <param name="Name">"status".</param>
/// <param name="Type">What is sent and answered; null when it is not an API object.</param>
/// <param name="Group">Group of the kind; empty for the core group.</param>
/// <param name="Version">Version of the kind.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Verbs">Verbs, sorted.</param>
public sealed record SubresourceSchema(string Name, SchemaType? Type, string Group, string Version, string Kind, IReadOnlyList<string> Verbs);

/// <summary>A table column.</summary>
/// <param name="Name">Heading.</param>
/// <param name="Type">"string", "integer", ...</param>
/// <param name="Format">"name" or empty.</param>
/// <param name="IsWide">Shown by kubectl only with -o wide (priority 1).</param>
/// <param name="Source">What the cell shows, for people.</param>
public sealed record ColumnSchema(string Name, string Type, string Format, bool IsWide, string Source)
{
    /// <summary>For people; empty for built-in kinds.</summary>
    public string Description { get; init; } = "";

    /// <summary>Of a custom resource: kubectl's priority.</summary>
    public int Priority { get; init; } = IsWide ? 1 : 0;
}

/// <summary>Where a custom resource keeps what the scale subresource shows: paths of names, "spec.replicas".</summary>
/// <param name="Replicas">Wanted replicas, below spec.</param>
/// <param name="StatusReplicas">Present replicas, below status.</param>
/// <param name="Selector">The label selector as text, below spec or status; empty when there is none.</param>
public sealed record ScalePaths(string Replicas, string StatusReplicas, string Selector);

/// <summary>A group and its versions.</summary>
/// <param name="Name">Empty for the core group.</param>
/// <param name="Versions">Served versions, the preferred one first.</param>
public sealed record GroupSchema(string Name, IReadOnlyList<string> Versions);
