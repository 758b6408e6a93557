using Kobune.Api.Schema.Text;

namespace Kobune.Api.Generator;

/// <summary>How one field looks in C#: its type and the expressions that read, write, compare and hash it. "@" stands for the backing field.</summary>
/// <param name="Type">C# type of the property.</param>
/// <param name="Default">Initial value; empty for the type's own.</param>
/// <param name="Read">Expression that reads the value behind the current property name.</param>
/// <param name="Write">Statement that writes it; "#" stands for the JSON name as a UTF-8 literal.</param>
/// <param name="Equal">Comparison with "$", the other record's field.</param>
/// <param name="Hashable">Whether its hash is cheap.</param>
internal sealed record PropertyShape(string Type, string Default, string Read, string Write, string Equal, bool Hashable)
{
    private const string Map = "[string]";

    public static PropertyShape Of(TypeCatalog catalog, SchemaFile file, FieldText field)
    {
        var type = field.Type;
        if (type.StartsWith("[]", StringComparison.Ordinal))
        {
            return ListOf(ElementShape.Of(catalog, file, type[2..]), field);
        }

        if (type.StartsWith("map" + Map, StringComparison.Ordinal))
        {
            return MapOf(ElementShape.Of(catalog, file, type[("map" + Map).Length..]), field);
        }

        var element = ElementShape.Of(catalog, file, type);
        return element.Kind switch
        {
            ElementKind.List => ListOf(ElementShape.Of(catalog, file, "string"), field),
            ElementKind.Record => RecordOf(element, field),
            _ => ScalarOf(element, field),
        };
    }

    private static PropertyShape ListOf(ElementShape element, FieldText field) => new(
        $"IReadOnlyList<{element.Type}>",
        "[]",
        $"JsonRead.List(ref r, {element.Reader})",
        element.Kind == ElementKind.Record ? $"JsonWrite.Records(w, #, @{Always(field)});" : $"JsonWrite.List(w, #, @, {element.Writer}{Always(field)});",
        element.IsJson ? "DeepEquality.Lists(@, $, DeepEquality.Json)" : "DeepEquality.Lists(@, $)",
        false);

    private static PropertyShape MapOf(ElementShape element, FieldText field) => new(
        $"IReadOnlyDictionary<string, {element.Type}>",
        $"JsonRead.EmptyMap<{element.Type}>()",
        $"JsonRead.Map(ref r, {element.Reader})",
        $"JsonWrite.Map(w, #, @, {element.Writer}{Always(field)});",
        element switch
        {
            { Kind: ElementKind.List } => "DeepEquality.Maps(@, $, DeepEquality.Lists)",
            { IsJson: true } => "DeepEquality.Maps(@, $, DeepEquality.Json)",
            { IsBytes: true } => "DeepEquality.Maps(@, $, DeepEquality.Bytes)",
            _ => "DeepEquality.Maps(@, $)",
        },
        false);

    private static PropertyShape RecordOf(ElementShape element, FieldText field) => field.Pointer
        ? new(element.Type + "?", "", $"JsonRead.Null(ref r) ? null : {element.Type}.ReadJson(ref r)", $"JsonWrite.Record(w, #, @{Always(field)});", "@ == $", true)
        : new(element.Type, $"{element.Type}.Empty", $"JsonRead.Null(ref r) ? {element.Type}.Empty : {element.Type}.ReadJson(ref r)", "JsonWrite.Record(w, #, @);", "@.Equals($)", true);

    private static PropertyShape ScalarOf(ElementShape element, FieldText field)
    {
        // Time's zero value is null and JSON is by nature nullable; a struct by value is written even when zero.
        var nullable = field.Pointer || element.NullByNature;
        var always = element.IsStruct && !field.Pointer && !field.OmitZero ? ", true" : Always(field);
        var method = element.Name + (nullable && !element.NullByNature ? "OrNull" : "");
        return new(
            element.Type + (nullable ? "?" : ""),
            element.Type == "string" && !nullable ? "\"\"" : "",
            $"JsonRead.{method}(ref r)",
            $"JsonWrite.{method}(w, #, @{always});",
            element.IsJson ? "DeepEquality.Json(@, $)" : element.IsBytes ? "DeepEquality.Bytes(@, $)" : "@ == $",
            !element.IsJson && !element.IsBytes);
    }

    private static string Always(FieldText field) => field.OmitEmpty ? "" : ", true";
}
