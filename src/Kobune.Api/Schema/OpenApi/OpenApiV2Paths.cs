using System.Text.Json;

namespace Kobune.Api.Schema.OpenApi;

/// <summary>The paths of the version 2 document.</summary>
internal sealed class OpenApiV2Paths(Utf8JsonWriter writer, SchemaJson schemas)
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
        OpenApiText.Strings(writer, "consumes", operation.Action == "patch" ? OpenApiText.PatchTypesOf(operation) : ["*/*"]);
        writer.WriteString("operationId", operation.Id);
        writer.WriteStartArray("parameters");
        if (operation.Body is { } body)
        {
            writer.WriteStartObject();
            writer.WriteString("in", "body");
            writer.WriteString("name", "body");
            if (operation.Action is not ("delete" or "deletecollection"))
            {
                writer.WriteBoolean("required", true);
            }

            writer.WritePropertyName("schema");
            schemas.Reference(body);
            writer.WriteEndObject();
        }

        foreach (var parameter in operation.Query)
        {
            Parameter(parameter.Name, parameter.Type, false);
        }

        writer.WriteEndArray();
        OpenApiText.Strings(writer, "produces", operation.Response is null ? ["*/*"] : OpenApiText.AnswerTypesOf(operation));
        Responses(operation);
        OpenApiText.Strings(writer, "schemes", ["https"]);
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
            writer.WriteString("description", text);
            writer.WritePropertyName("schema");
            if (operation.Response is null)
            {
                writer.WriteStartObject();
                writer.WriteString("type", "string");
                writer.WriteEndObject();
            }
            else
            {
                schemas.Reference(operation.Response);
            }

            writer.WriteEndObject();
        }

        writer.WriteStartObject("401");
        writer.WriteString("description", "Unauthorized");
        writer.WriteEndObject();
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

        writer.WriteString("type", type);
        writer.WriteBoolean("uniqueItems", true);
        writer.WriteEndObject();
    }
}
