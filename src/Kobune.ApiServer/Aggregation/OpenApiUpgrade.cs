using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Json;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Aggregation;

/// <summary>An OpenAPI v2 document as one of version 3, for servers that have no other; what has no place there is left out. Pure. Source: k8s.io/kube-openapi, pkg/openapiconv.</summary>
internal static class OpenApiUpgrade
{
    private const string Definitions = "#/definitions/";
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = JsonText.MaxDepth };
    private static readonly string[] Methods = ["get", "put", "post", "delete", "options", "head", "patch"];
    private static readonly string[] Maps = ["properties", "patternProperties"];
    private static readonly string[] Lists = ["allOf", "anyOf", "oneOf"];
    private static readonly string[] Nested = ["items", "additionalItems", "additionalProperties", "not"];

    /// <exception cref="JsonException">It is none.</exception>
    public static byte[] ToV3(ReadOnlyMemory<byte> document)
    {
        var root = JsonNode.Parse(document.Span, null, Options) as JsonObject ?? throw new JsonException("no object");
        var paths = new JsonObject();
        foreach (var (path, item) in root.Child("paths") ?? [])
        {
            paths[path] = path.StartsWith("x-", StringComparison.Ordinal) ? item?.DeepClone() : Path(item as JsonObject ?? []);
        }

        var upgraded = new JsonObject { ["openapi"] = "3.0.0", ["info"] = root["info"]?.DeepClone() ?? new JsonObject(), ["paths"] = paths, ["components"] = Components(root) };
        upgraded.CopyFrom("externalDocs", root);
        var buffer = new ArrayBufferWriter<byte>(document.Length);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.WriterOptions))
        {
            upgraded.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static JsonObject Components(JsonObject root)
    {
        var components = new JsonObject();
        Each("schemas", "definitions", Schema);
        Each("responses", "responses", r => Response(r, Texts(root, "produces")));
        Each("parameters", "parameters", Parameter);
        Each("securitySchemes", "securityDefinitions", Security);
        return components;

        void Each(string name, string from, Func<JsonObject, JsonObject> convert)
        {
            if (root.Child(from) is { } items)
            {
                components[name] = new JsonObject(items.Select(i => KeyValuePair.Create(i.Key, (JsonNode?)convert(i.Value as JsonObject ?? []))));
            }
        }
    }

    private static JsonObject Path(JsonObject item)
    {
        var path = Kept(item, "$ref");
        foreach (var method in Methods.Where(m => item[m] is JsonObject))
        {
            path[method] = Operation((JsonObject)item[method]!);
        }

        if (item["parameters"] is JsonArray { Count: > 0 } parameters)
        {
            path["parameters"] = new JsonArray([.. parameters.OfType<JsonObject>().Select(Parameter)]);
        }

        return path;
    }

    private static JsonObject Operation(JsonObject old)
    {
        var operation = Kept(old, "description", "externalDocs", "tags", "summary", "deprecated", "operationId");
        var parameters = old.Items("parameters").ToList();
        if (parameters.FirstOrDefault(IsBody) is { } body)
        {
            operation["requestBody"] = old["consumes"] is JsonArray ? new JsonObject { ["content"] = Content(body, Texts(old, "consumes")) } : new JsonObject();
        }

        if (parameters.Any(p => !IsBody(p)))
        {
            operation["parameters"] = new JsonArray([.. parameters.Where(p => !IsBody(p)).Select(Parameter)]);
        }

        operation["responses"] = new JsonObject((old.Child("responses") ?? []).Select(r =>
            KeyValuePair.Create(r.Key, r.Value is JsonObject response && !r.Key.StartsWith("x-", StringComparison.Ordinal) ? Response(response, Texts(old, "produces")) : r.Value?.DeepClone())));
        return operation;

        static bool IsBody(JsonObject parameter) => parameter.Text("name") == "body" && parameter["schema"] is JsonObject;
    }

    private static JsonObject Response(JsonObject old, IReadOnlyList<string> produces)
    {
        var response = Kept(old, "description");
        Refer(old, response, "#/responses/", "#/components/responses/");
        if (old["schema"] is JsonObject && produces.Count > 0)
        {
            response["content"] = Content(old, produces);
        }

        return response;
    }

    private static JsonObject Parameter(JsonObject old)
    {
        var parameter = Kept(old, "name", "in", "description", "required", "allowEmptyValue");
        if (Refer(old, parameter, "#/parameters/", "#/components/parameters/"))
        {
            return parameter;
        }

        parameter["schema"] = old["schema"] is JsonObject schema ? Schema(schema) : Fields(old, "type", "format", "uniqueItems");
        return parameter;
    }

    private static JsonObject Security(JsonObject old)
    {
        var scheme = Kept(old, "description", "type", "name", "in");
        if (old.Text("flow") is { Length: > 0 } flow)
        {
            var told = new JsonObject { ["scopes"] = old["scopes"]?.DeepClone() };
            told.CopyFrom("authorizationUrl", old);
            told.CopyFrom("tokenUrl", old);
            scheme["flows"] = new JsonObject { [flow] = told };
        }

        return scheme;
    }

    private static JsonObject Content(JsonObject holder, IReadOnlyList<string> types) =>
        new(types.Distinct().Select(t => KeyValuePair.Create(t, (JsonNode?)new JsonObject { ["schema"] = Schema((JsonObject)holder["schema"]!) })));

    /// <summary>A schema with its references where version 3 has them; beside other fields a reference would hide those, and becomes one of "allOf".</summary>
    private static JsonObject Schema(JsonObject old)
    {
        var schema = new JsonObject();
        foreach (var (key, value) in old)
        {
            schema[key] = value switch
            {
                JsonObject map when Maps.Contains(key) => new JsonObject(map.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Schema(p.Value as JsonObject ?? [])))),
                JsonObject nested when Nested.Contains(key) => Schema(nested),
                JsonArray list when key == "items" || Lists.Contains(key) => new JsonArray([.. list.OfType<JsonObject>().Select(Schema)]),
                _ => value?.DeepClone(),
            };
        }

        if (old.Text("$ref") is { Length: > 0 } reference)
        {
            var target = "#/components/schemas/" + reference[(reference.StartsWith(Definitions, StringComparison.Ordinal) ? Definitions.Length : 0)..];
            schema["$ref"] = target;
            if (schema.Count > 1)
            {
                schema.Remove("$ref");
                schema["allOf"] = new JsonArray(new JsonObject { ["$ref"] = target });
            }
        }

        return schema;
    }

    private static bool Refer(JsonObject old, JsonObject now, string from, string to)
    {
        if (old.Text("$ref") is not { Length: > 0 } reference)
        {
            return false;
        }

        now["$ref"] = reference.Replace(from, to, StringComparison.Ordinal);
        return true;
    }

    /// <summary>The named fields, and extensions.</summary>
    private static JsonObject Kept(JsonObject old, params string[] names) => Fields(old, [.. names, .. old.Select(f => f.Key).Where(k => k.StartsWith("x-", StringComparison.Ordinal))]);

    private static JsonObject Fields(JsonObject old, params string[] names) => new(names.Where(n => old[n] is not null).Select(n => KeyValuePair.Create(n, old[n]?.DeepClone())));

    private static IReadOnlyList<string> Texts(JsonObject node, string field) => node[field] is JsonArray list ? [.. list.OfType<JsonValue>().Select(v => v.ToString())] : [];
}
