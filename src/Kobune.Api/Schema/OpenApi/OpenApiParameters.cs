namespace Kobune.Api.Schema.OpenApi;

/// <summary>The query parameters of each action, sorted by name as upstream's documents are.</summary>
internal static class OpenApiParameters
{
    private static readonly OpenApiParameter DryRun = new("dryRun", "string");
    private static readonly OpenApiParameter FieldManager = new("fieldManager", "string");
    private static readonly OpenApiParameter FieldValidation = new("fieldValidation", "string");

    private static readonly OpenApiParameter[] ListParameters =
    [
        new("allowWatchBookmarks", "boolean"), new("continue", "string"), new("fieldSelector", "string"), new("labelSelector", "string"), new("limit", "integer"),
        new("resourceVersion", "string"), new("resourceVersionMatch", "string"), new("sendInitialEvents", "boolean"), new("timeoutSeconds", "integer"), new("watch", "boolean"),
    ];

    private static readonly OpenApiParameter[] DeleteParameters =
    [
        DryRun, new("gracePeriodSeconds", "integer"), new("ignoreStoreReadErrorWithClusterBreakingPotential", "boolean"), new("orphanDependents", "boolean"), new("propagationPolicy", "string"),
    ];

    private static readonly OpenApiParameter[] DeleteCollectionParameters =
        [.. ListParameters.Where(p => p.Name is not ("allowWatchBookmarks" or "watch")).Concat(DeleteParameters).OrderBy(p => p.Name, StringComparer.Ordinal)];

    private static readonly OpenApiParameter[] WriteParameters = [DryRun, FieldManager, FieldValidation];

    private static readonly OpenApiParameter[] PatchParameters = [DryRun, FieldManager, FieldValidation, new("force", "boolean")];

    public static IReadOnlyList<OpenApiParameter> Of(string action) => action switch
    {
        "list" => ListParameters,
        "post" or "put" => WriteParameters,
        "patch" => PatchParameters,
        "delete" => DeleteParameters,
        "deletecollection" => DeleteCollectionParameters,
        _ => [],
    };

    /// <summary>Options of a connecting subresource are the fields of its kind.</summary>
    public static IReadOnlyList<OpenApiParameter> Of(SchemaType options) =>
        [.. options.Fields.Select(f => new OpenApiParameter(f.Name, f.Type.Shape switch
        {
            SchemaShape.Boolean => "boolean",
            SchemaShape.Int32 or SchemaShape.Int64 => "integer",
            _ => "string",
        })).OrderBy(p => p.Name, StringComparer.Ordinal)];
}
