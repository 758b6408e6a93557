using System.Text.Json;

namespace Kobune.Api.Schema.OpenApi;

/// <summary>Parts that both versions of OpenAPI share.</summary>
internal static class OpenApiText
{
    private static readonly string[] MediaTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

    private static readonly string[] ListMediaTypes = [.. MediaTypes, "application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];

    private static readonly string[] PatchMediaTypes =
        ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml"];

    /// <summary>Custom objects have no protobuf and no strategic merge patch.</summary>
    private static readonly string[] CustomMediaTypes = ["application/json", "application/yaml"];

    private static readonly string[] CustomListMediaTypes = [.. CustomMediaTypes, "application/json;stream=watch"];

    private static readonly string[] CustomPatchMediaTypes = ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"];

    /// <summary>What a patch may be.</summary>
    public static string[] PatchTypesOf(OpenApiOperation operation) => operation.Response is { IsCustom: true } ? CustomPatchMediaTypes : PatchMediaTypes;

    /// <summary>What an answer with a body may be.</summary>
    public static string[] AnswerTypesOf(OpenApiOperation operation) => (operation.Response!.HasProtobuf, operation.Action == "list") switch
    {
        (true, true) => ListMediaTypes,
        (true, false) => MediaTypes,
        (false, true) => CustomListMediaTypes,
        _ => CustomMediaTypes,
    };

    public static void Info(Utf8JsonWriter writer, string version)
    {
        writer.WriteStartObject("info");
        writer.WriteString("title", "Kubernetes");
        writer.WriteString("version", version);
        writer.WriteEndObject();
    }

    public static void Security(Utf8JsonWriter writer, string property)
    {
        writer.WriteStartObject(property);
        writer.WriteStartObject("BearerToken");
        writer.WriteString("description", "Bearer Token authentication");
        writer.WriteString("in", "header");
        writer.WriteString("name", "authorization");
        writer.WriteString("type", "apiKey");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>The types from which all others of a document are reached.</summary>
    public static IEnumerable<SchemaType> Roots(ApiSchema schema, IEnumerable<OpenApiOperation> operations, IEnumerable<ResourceSchema> resources) =>
        operations.SelectMany(o => new[] { o.Body, o.Response })
            .Concat(resources.Select(r => (SchemaType?)r.Type))
            .Append(schema.FindType("meta/v1.APIResourceList")!)
            .Append(schema.FindType("meta/v1.WatchEvent")!)
            .OfType<SchemaType>();

    /// <summary>Name and namespace in the path, and "pretty".</summary>
    public static IEnumerable<(string Name, bool InPath)> CommonParameters(string path)
    {
        if (path.Contains("{name}", StringComparison.Ordinal))
        {
            yield return ("name", true);
        }

        if (path.Contains("{namespace}", StringComparison.Ordinal))
        {
            yield return ("namespace", true);
        }

        yield return ("pretty", false);
    }

    /// <summary>Codes of a good answer.</summary>
    public static IEnumerable<(string Code, string Text)> Responses(OpenApiOperation operation)
    {
        yield return ("200", "OK");
        if (operation.Action is "post" or "put" or "patch")
        {
            yield return ("201", "Created");
        }

        if (operation.Action is "post" or "delete")
        {
            yield return ("202", "Accepted");
        }
    }

    public static void Strings(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
