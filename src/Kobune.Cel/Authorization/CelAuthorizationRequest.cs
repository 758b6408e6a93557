namespace Kobune.Cel.Authorization;

/// <summary>What an expression asks.</summary>
public sealed record CelAuthorizationRequest
{
    /// <summary>Namespace and name of the service account that is asked for; null for the user of the request.</summary>
    public (string Namespace, string Name)? ServiceAccount { get; init; }

    /// <summary>A path that is no resource; null for a resource.</summary>
    public string? Path { get; init; }

    /// <summary>The API group, empty for the core group; its version is any.</summary>
    public string Group { get; init; } = "";

    /// <summary>The resource, in plural.</summary>
    public string Resource { get; init; } = "";

    /// <summary>The subresource, or empty.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The namespace, or empty.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The object's name, or empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>A field selector as it was written, or empty.</summary>
    public string FieldSelector { get; init; } = "";

    /// <summary>A label selector as it was written, or empty.</summary>
    public string LabelSelector { get; init; } = "";

    /// <summary>The verb.</summary>
    public string Verb { get; init; } = "";
}
