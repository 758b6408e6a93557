using System.Text.Json.Nodes;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>The types that a schema allows, and its format where that is one which its type can have; others say nothing.</summary>
/// <param name="Types">None: any.</param>
/// <param name="Format">As the schema writes it, or empty.</param>
internal readonly record struct SchemaForm(string[] Types, string Format)
{
    private static readonly string[] IntOrString = ["integer", "string"];

    public static SchemaForm Of(JsonObject schema)
    {
        var type = schema.TextAt("type");
        string[] types = schema.Flag("x-kubernetes-int-or-string") ? IntOrString : type.Length == 0 ? [] : [type];
        var format = schema.TextAt("format");
        return new(types, format.Length == 0 || !IsKnown(format, types.Length == 1 ? types[0] : "") ? "" : format);
    }

    /// <summary>Whether values of the type are checked for the format. Source: k8s.io/apiextensions-apiserver, apiserver/validation/formats.go.</summary>
    public static bool IsKnown(string format, string type) => type switch
    {
        "" or "string" => StringFormats.IsKnown(format),
        "integer" => format is "int32" or "int64",
        "number" => format is "float" or "double",
        _ => false,
    };

    /// <summary>The type of a value, and the format that Go's type for it has.</summary>
    public void CheckType(JsonNode? value, bool isNullable, string path, SchemaResult result)
    {
        if (Types.Length == 0 && Format.Length == 0)
        {
            return;
        }

        if (value is null)
        {
            Null(isNullable, path, result);
            return;
        }

        var number = SchemaNumber.Of(value);
        var actual = number is { IsInt: true } ? "integer" : number is not null ? "number" : SchemaNode.TypeOf(value);
        var format = number is { IsInt: true } ? "int64" : number is not null ? "float64" : "";
        var isText = value is JsonArray || actual == "string";
        var fits = Types.Contains(actual) || (actual == "number" && number!.Value.IsWhole && Types.Contains("integer")) || (actual == "integer" && Types.Contains("number"));
        if (!isText && Format.Length > 0 && !fits && format != Format)
        {
            Wrong(path, Format, format, result);
        }
        else if ((isText && Format.Length > 0 && !Types.Contains("number") && !Types.Contains("integer")) || fits)
        {
            result.Count();
        }
        else
        {
            Wrong(path, string.Join(',', Types), actual, result);
        }
    }

    private static void Wrong(string path, string wanted, string actual, SchemaResult result) =>
        result.TypeInvalid(path, actual, $"{path} in body must be of type {wanted}: {FieldValue.Show(actual)}");

    private void Null(bool isNullable, string path, SchemaResult result)
    {
        if (Types.Length > 0 && !Types.Contains("null") && !isNullable)
        {
            Wrong(path, string.Join(',', Types), "null", result);
        }
        else
        {
            result.Count();
        }
    }
}
