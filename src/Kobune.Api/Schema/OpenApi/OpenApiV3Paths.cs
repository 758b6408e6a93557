using System.Text.Json;

namespace Kobune.Api.Schema.OpenApi;

/// <summary>The paths of a version 3 document.</summary>
internal sealed class OpenApiV3Paths(Utf8JsonWriter writer, SchemaJson schemas)
{
    public void Write(IEnumerable<OpenApiOperation> operations)
    {
        writer.WriteStartObject("paths");
        foreach (var path in operations.GroupBy(o => o.Path).OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            writer.WriteStartObject(path.Key);
            foreach (var operation in path.OrderBy(o => o.Method, StringComparer.Ordinal))
            {
                Operation(operation);
            }

            writer.WriteStartArray("parameters");
            foreach (var (name, inPath) in OpenApiText.CommonParameters(path.Key))
            {
                Parameter(name, "string", inPath);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private void Operation(OpenApiOperation operation)
    {
        writer.WriteStartObject(operation.Method);
        writer.WriteString("operationId", operation.Id);
        writer.WriteStartArray("parameters");
        foreach (var parameter in operation.Query)
        {
            Parameter(parameter.Name, parameter.Type, false);
        }

        writer.WriteEndArray();
        if (operation.Body is { } body)
        {
            writer.WriteStartObject("requestBody");
            Content(operation.Action == "patch" ? OpenApiText.PatchTypesOf(operation) : ["*/*"], body);
            writer.WriteBoolean("required", operation.Action is not ("delete" or "deletecollection"));
            writer.WriteEndObject();
        }

        Responses(operation);
        OpenApiText.Strings(writer, "tags", [operation.Tag]);
        writer.WriteString("x-kubernetes-action", operation.Action);
        writer.WritePropertyName("x-kubernetes-group-version-kind");
        KindIndex.Write(writer, operation.Kind);
        writer.WriteEndObject();
    }

    private void Responses(OpenApiOperation operation)
    {
        writer.WriteStartObject("responses");
        foreach (var (code, text) in OpenApiText.Responses(operation))
        {
            writer.WriteStartObject(code);
            Content(operation.Response is null ? ["text/plain"] : OpenApiText.AnswerTypesOf(operation), operation.Response);
            writer.WriteString("description", text);
            writer.WriteEndObject();
        }

        writer.WriteStartObject("401");
        writer.WriteString("description", "Unauthorized");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void Content(IEnumerable<string> mediaTypes, SchemaType? type)
    {
        writer.WriteStartObject("content");
        foreach (var mediaType in mediaTypes)
        {
            writer.WriteStartObject(mediaType);
            writer.WritePropertyName("schema");
            if (type is null)
            {
                writer.WriteStartObject();
                writer.WriteString("type", "string");
                writer.WriteEndObject();
            }
            else
            {
                schemas.Reference(type);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private void Parameter(string name, string type, bool inPath)
    {
        writer.WriteStartObject();
        writer.WriteString("in", inPath ? "path" : "query");
        writer.WriteString("name", name);
        if (inPath)
        {
            writer.WriteBoolean("required", true);
        }

        writer.WriteStartObject("schema");
        writer.WriteString("type", type);
        writer.WriteBoolean("uniqueItems", true);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
