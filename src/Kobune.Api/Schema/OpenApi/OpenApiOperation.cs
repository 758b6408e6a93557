namespace Kobune.Api.Schema.OpenApi;

/// <summary>One method of one path.</summary>
/// <param name="Path">"/apis/apps/v1/namespaces/{namespace}/deployments/{name}".</param>
/// <param name="Method">Lower case.</param>
/// <param name="Action">x-kubernetes-action: get, list, post, put, patch, delete, deletecollection, connect.</param>
/// <param name="Id">operationId.</param>
/// <param name="Tag">"apps_v1".</param>
/// <param name="Kind">What is acted on.</param>
/// <param name="Query">Query parameters.</param>
/// <param name="Body">Type of the body, or null.</param>
/// <param name="Response">Type of the answer; null for plain text.</param>
internal sealed record OpenApiOperation(string Path, string Method, string Action, string Id, string Tag, GroupVersionKindRef Kind, IReadOnlyList<OpenApiParameter> Query, SchemaType? Body, SchemaType? Response);

/// <summary>A kind by name.</summary>
internal readonly record struct GroupVersionKindRef(string Group, string Version, string Kind);

/// <summary>A parameter.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">"string", "boolean", "integer".</param>
internal sealed record OpenApiParameter(string Name, string Type);
