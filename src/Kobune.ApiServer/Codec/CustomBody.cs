using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.Cel;

namespace Kobune.ApiServer.Codec;

/// <summary>
/// What is particular in bodies of custom objects: they have to name their kind, and numbers with a fraction or an exponent are Go's float64. Source: k8s.io/apimachinery, meta/v1/unstructured,
/// and k8s.io/apiextensions-apiserver, registry/customresource/validator.go.
/// </summary>
internal static class CustomBody
{
    /// <summary>Refuses a body without a kind, or with another one.</summary>
    /// <exception cref="StatusException">400: it names none, or no version. 422: it is of another kind.</exception>
    public static void CheckKind(JsonElement json, ReadOnlySpan<byte> body, SchemaType type)
    {
        if (json.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
        {
            return; // told by those who read it
        }

        var kind = Text(json, "kind");
        var apiVersion = Text(json, "apiVersion");
        if (kind.Length == 0)
        {
            throw StatusErrors.BadRequest($"the object provided is unrecognized (must be of type {type.Name}): Object 'Kind' is missing in '{Encoding.UTF8.GetString(body)}' ({BodySummary.Of(body)})");
        }

        if (apiVersion.Length == 0)
        {
            throw StatusErrors.BadRequest($"the API version in the data () does not match the expected API version ({type.ApiVersion})");
        }

        if (kind != type.Name && apiVersion == type.ApiVersion)
        {
            var errors = new FieldErrors();
            errors.Invalid("kind", kind, $"must be {type.Name}");
            var name = json.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object ? Text(metadata, "name") : "";
            throw StatusErrors.Invalid(ApiSchema.SplitApiVersion(type.ApiVersion).Group, kind, name, errors);
        }
    }

    /// <summary>Type and numbers as they are stored.</summary>
    public static void Finish(JsonObject obj, SchemaType type)
    {
        obj["apiVersion"] = type.ApiVersion;
        obj["kind"] = type.Name;
        if (type.IsCustom)
        {
            Numbers(obj);
        }
    }

    private static string Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : "";

    private static void Numbers(JsonNode node)
    {
        if (node is JsonObject map)
        {
            foreach (var (name, value) in map.ToArray())
            {
                if (Number(value) is { } number)
                {
                    map[name] = number;
                }
            }
        }
        else if (node is JsonArray list)
        {
            for (var i = 0; i < list.Count; i++)
            {
                if (Number(list[i]) is { } number)
                {
                    list[i] = number;
                }
            }
        }
    }

    /// <summary>The number as Go writes it again, or null when it is that already, or no number.</summary>
    private static JsonNode? Number(JsonNode? node)
    {
        if (node is JsonObject or JsonArray)
        {
            Numbers(node);
            return null;
        }

        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number || value.ToString() is var text && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            return null;
        }

        var number = double.Parse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(number))
        {
            throw new ObjectDecodeException($"json: cannot unmarshal number {value} into Go value of type float64");
        }

        var size = Math.Abs(number);
        var shown = size is 0 or (>= 1e-6 and < 1e21) ? GoForms.DoublePlain(number) : GoForms.DoubleExponent(number);
        return JsonNode.Parse(shown);
    }
}
