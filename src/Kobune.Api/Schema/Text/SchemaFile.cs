namespace Kobune.Api.Schema.Text;

/// <summary>One file of schema/ as parsed: names are as written, nothing is resolved. The format is described in schema/README.md.</summary>
internal sealed class SchemaFile
{
    /// <summary>"core" for the core group.</summary>
    public string Group { get; set; } = "";

    public string Version { get; set; } = "";

    /// <summary>Protobuf package of upstream, from which OpenAPI definition names are made.</summary>
    public string Package { get; set; } = "";

    /// <summary>C# namespace of the records.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>apiVersion of kinds when it is not group/version.</summary>
    public string? ApiVersion { get; set; }

    public bool Served { get; set; } = true;

    /// <summary>The minor release of Kubernetes 1 that first served it; 0 = older than all that can be run.</summary>
    public int Since { get; set; }

    public List<ResourceText> Resources { get; } = [];

    public List<TypeText> Types { get; } = [];

    public List<EnumText> Enums { get; } = [];

    /// <summary>Kinds that are stored without being served: kind and key prefix.</summary>
    public List<StoredText> Stored { get; } = [];

    /// <summary>Printer columns of kinds that have no resource of their own.</summary>
    public List<ResourceText> Tables { get; } = [];

    /// <summary>"apps/v1", "core/v1": what type ids start with.</summary>
    public string Prefix => Group + "/" + Version;
}

/// <summary>A "resource" block.</summary>
internal sealed class ResourceText
{
    public string Plural { get; set; } = "";

    public string Kind { get; set; } = "";

    public string? ListKind { get; set; }

    public string Singular { get; set; } = "";

    public string[] ShortNames { get; set; } = [];

    public string[] Categories { get; set; } = [];

    public bool Namespaced { get; set; }

    public string[] Verbs { get; set; } = [];

    /// <summary>The minor release of Kubernetes 1 from which on its use is warned of; 0 = none.</summary>
    public int DeprecatedSince { get; set; }

    /// <summary>What the warning says after the release, such as "; use discovery.k8s.io/v1 EndpointSlice".</summary>
    public string Instead { get; set; } = "";

    /// <summary>The minor release of Kubernetes 1 that first served it; 0 = older than all that can be run.</summary>
    public int Since { get; set; }

    /// <summary>apiVersion in which objects are stored; null when they are not.</summary>
    public string? StorageVersion { get; set; }

    public string? StorageVersionHash { get; set; }

    public string? Key { get; set; }

    public List<SubresourceText> Subresources { get; } = [];

    public List<ColumnText> Columns { get; } = [];
}

/// <summary>A "sub" line.</summary>
internal sealed record SubresourceText(string Name, string Kind, string[] Verbs, int Since);

/// <summary>A "stored" line.</summary>
internal sealed record StoredText(string Kind, string Key);

/// <summary>A "column" line.</summary>
internal sealed record ColumnText(string Name, string Type, string Format, bool Wide, string From);

/// <summary>An "enum" or "constants" line.</summary>
internal sealed record EnumText(string Name, bool Closed, string[] Values);
