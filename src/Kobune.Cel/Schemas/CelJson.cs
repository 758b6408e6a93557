using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Cel.Types;
using Kobune.Cel.Values;

namespace Kobune.Cel.Schemas;

/// <summary>JSON as values, wrapped as it is asked for, and values as JSON. The JSON must not change while a value of it is used.</summary>
public static class CelJson
{
    /// <summary>A value without a schema: objects are maps, whole numbers are int, others double.</summary>
    public static CelValue Wrap(JsonElement json) => Dynamic(new JsonView(json));

    /// <summary>A value without a schema: objects are maps, whole numbers are int, others double.</summary>
    public static CelValue Wrap(JsonNode? json) => Dynamic(new JsonView(json));

    /// <summary>A value of a schema (k8s.io/apiserver/pkg/cel/common: UnstructuredToVal); what does not fit the schema is an error value.</summary>
    public static CelValue Wrap(JsonElement json, CelSchema schema) => Typed(new JsonView(json), schema);

    /// <summary>A value of a schema; what does not fit the schema is an error value.</summary>
    public static CelValue Wrap(JsonNode? json, CelSchema schema) => Typed(new JsonView(json), schema);

    /// <summary>A value as JSON; null with the reason when it has no such form.</summary>
    public static bool TryToJson(CelValue value, out JsonNode? json, out string problem)
    {
        (json, problem) = (null, "");
        try
        {
            json = ToJson(value);
            return true;
        }
        catch (FormatException e)
        {
            problem = e.Message;
            return false;
        }
    }

    internal static CelValue Dynamic(JsonView json) => json.Kind switch
    {
        JsonValueKind.Object => new JsonMap(json, null),
        JsonValueKind.Array => new JsonList(json, null),
        JsonValueKind.String => new CelString(json.Text),
        JsonValueKind.Number => json.Integer is { } integer ? CelInt.Of(integer) : new CelDouble(json.Number),
        JsonValueKind.True => CelBool.True,
        JsonValueKind.False => CelBool.False,
        _ => CelNull.Instance,
    };

    internal static CelValue Typed(JsonView json, CelSchema schema)
    {
        if (json.Kind == JsonValueKind.Null)
        {
            return schema.IsNullable ? CelNull.Instance : new CelError("invalid data, got null for schema with nullable=false");
        }

        if (schema.IsIntOrString)
        {
            return json.Kind == JsonValueKind.String ? new CelString(json.Text)
                : json.Kind == JsonValueKind.Number && json.Integer is { } number ? CelInt.Of(number)
                : new CelError("invalid data, expected XIntOrString value to be either a string or integer");
        }

        return schema.Type switch
        {
            "object" => Object(json, schema),
            "array" => Array(json, schema),
            "string" when json.Kind == JsonValueKind.String => Text(json.Text, schema.Format),
            "string" => new CelError($"invalid data, expected string, got {GoType(json)}"),
            "number" => json.Kind == JsonValueKind.Number ? new CelDouble(json.Number) : new CelError($"invalid data, expected float, got {GoType(json)}"),
            "integer" => json.Kind == JsonValueKind.Number && json.Integer is { } integer ? CelInt.Of(integer) : new CelError($"invalid data, expected int, got {GoType(json)}"),
            "boolean" => json.Kind is JsonValueKind.True or JsonValueKind.False ? CelBool.Of(json.Kind == JsonValueKind.True) : new CelError($"invalid data, expected bool, got {GoType(json)}"),
            _ when schema.PreservesUnknownFields => Dynamic(json),
            _ => new CelError($"invalid type, expected object, array, number, integer, boolean or string, or no type with x-kubernetes-int-or-string or x-kubernetes-preserve-unknown-fields is true, got {schema.Type}"),
        };
    }

    private static string GoType(JsonView json) => json.Kind switch
    {
        JsonValueKind.Object => "map[string]interface {}",
        JsonValueKind.Array => "[]interface {}",
        JsonValueKind.String => "string",
        JsonValueKind.Number => json.Integer is null ? "float64" : "int64",
        _ => "bool",
    };

    private static CelValue Object(JsonView json, CelSchema schema)
    {
        if (json.Kind != JsonValueKind.Object)
        {
            return new CelError("invalid data, expected a map for the provided schema with type=object");
        }

        return new JsonMap(json, schema.IsEmbeddedResource ? schema.AsResource() : schema);
    }

    private static CelValue Array(JsonView json, CelSchema schema)
    {
        if (json.Kind != JsonValueKind.Array)
        {
            return new CelError("invalid data, expected an array for the provided schema with type=array");
        }

        if (schema.Items is not { } items)
        {
            return new CelError("invalid array type, expected Items with a non-empty Schema");
        }

        var list = new JsonList(json, items);
        return schema.ListType switch
        {
            "" or "atomic" => list,
            "set" => new CelSetList(list),
            "map" => new CelMapList(list, [.. schema.ListMapKeys.Select(k => CelFieldName.Escape(k) ?? k)]),
            _ => new CelError($"invalid x-kubernetes-list-type, expected 'map', 'set' or 'atomic' but got {schema.ListType}"),
        };
    }

    private static CelValue Text(string text, string format)
    {
        switch (format)
        {
            case "duration":
                return CelDuration.Parse(text) ?? (CelValue)new CelError($"Invalid duration {text}: unable to parse {GoText.Quote(text)} as duration");
            case "date":
                return text.Length == 10 && CelTimestamp.Parse(text + "T00:00:00Z") is { } date ? date
                    : new CelError($"Invalid date formatted string {text}: parsing time {GoText.Quote(text)} as \"2006-01-02\": cannot parse {GoText.Quote(text)} as \"2006\"");
            case "date-time":
                return CelTimestamp.Parse(text.ToUpperInvariant()) ?? (CelValue)new CelError($"Invalid date-time formatted string {text}: invalid datetime");
            case "byte":
                return UrlBase64.TryDecode(text, out var bytes, out var wrong) ? new CelBytes(bytes) : new CelError($"Invalid byte formatted string {text}: illegal base64 data at input byte {wrong}");
            default:
                return new CelString(text);
        }
    }

    private static JsonNode? ToJson(CelValue value)
    {
        switch (value)
        {
            case CelNull:
                return null;
            case CelBool b:
                return JsonValue.Create(b.Value);
            case CelInt i:
                return JsonValue.Create(i.Value);
            case CelUint u:
                return JsonValue.Create(u.Value);
            case CelDouble d when double.IsFinite(d.Value):
                return JsonValue.Create(d.Value);
            case CelString or CelTimestamp or CelDuration:
                return JsonValue.Create(value.ToString());
            case CelBytes b:
                return JsonValue.Create(Convert.ToBase64String(b.Value.Span));
            case CelList list:
                return new JsonArray([.. Enumerable.Range(0, list.Count).Select(i => ToJson(list[i]))]);
            case CelMap map:
                return new JsonObject(map.Keys.Select(k => KeyValuePair.Create(Key(k), ToJson(map.Find(k)!))));
            case MutationObject made:
                return new JsonObject(made.Fields.Select(f => KeyValuePair.Create(f.Key, ToJson(f.Value))));
            case CelOptional optional:
                return ToJson(optional.Value ?? throw new FormatException("optional.none() dereference"));
            case CelTypeValue:
                throw new FormatException("type conversion not supported for 'type'");
            default:
                throw new FormatException($"cannot convert value of type {value.TypeName} to JSON");
        }
    }

    private static string Key(CelValue key) => key is CelString text
        ? text.Value
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"map key {GoText.Quote(key.ToString()!)} is of type {key.TypeName}, not string"));
}
