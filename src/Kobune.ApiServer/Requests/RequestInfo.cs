namespace Kobune.ApiServer.Requests;

/// <summary>What a path and method ask for. Shapes and verbs are those of upstream's RequestInfoFactory (k8s.io/apiserver, endpoints/request).</summary>
public sealed record RequestInfo
{
    /// <summary>Whether the path names an API resource; else only Path and Verb (the lower-case method) count.</summary>
    public required bool IsResourceRequest { get; init; }

    /// <summary>The path, without query.</summary>
    public required string Path { get; init; }

    /// <summary>get, list, watch, create, update, patch, delete, deletecollection, proxy; for other paths the lower-case HTTP method.</summary>
    public required string Verb { get; init; }

    /// <summary>"api" or "apis".</summary>
    public string ApiPrefix { get; init; } = "";

    /// <summary>Empty for the core group.</summary>
    public string ApiGroup { get; init; } = "";

    /// <summary>Version in the path.</summary>
    public string ApiVersion { get; init; } = "";

    /// <summary>Empty for cluster-scoped requests and for requests over all namespaces. For a request to a namespace itself, its name.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Plural resource name.</summary>
    public string Resource { get; init; } = "";

    /// <summary>"status", "log", ...; empty for none.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>Object name; for a list or watch the metadata.name of the field selector, if it has one.</summary>
    public string Name { get; init; } = "";

    /// <summary>The fieldSelector parameter of a list, watch or deletecollection; the Node authorizer looks at it.</summary>
    public string FieldSelector { get; init; } = "";

    /// <summary>The labelSelector parameter of the same; webhooks are told it.</summary>
    public string LabelSelector { get; init; } = "";

    /// <summary>Path segments from the resource on.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];
}
