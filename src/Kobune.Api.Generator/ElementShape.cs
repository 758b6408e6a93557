using Kobune.Api.Schema.Text;

namespace Kobune.Api.Generator;

/// <summary>What an element type is.</summary>
internal enum ElementKind
{
    /// <summary>A value with a reader and writer in the Json folder of the records.</summary>
    Scalar,

    /// <summary>A generated (or hand-written) record.</summary>
    Record,

    /// <summary>A named list of strings.</summary>
    List,
}

/// <summary>A type as it appears in a list, a map or alone.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Type">C# type.</param>
/// <param name="Name">Suffix of the reader's and writer's method.</param>
internal sealed record ElementShape(ElementKind Kind, string Type, string Name)
{
    public bool IsJson => Name == "Json";

    public bool IsBytes => Name == "Bytes";

    public bool NullByNature => Name is "Json" or "Time" or "MicroTime";

    /// <summary>Structs in Go, for which omitempty has no effect.</summary>
    public bool IsStruct => Name is "Json" or "Time" or "MicroTime" or "Quantity" or "IntOrString" or "Duration";

    /// <summary>Delegate that reads an element at the current token.</summary>
    public string Reader => Kind == ElementKind.Record ? $"{Type}.ReadJson" : $"JsonRead.{Name}Value";

    /// <summary>Delegate that writes an element.</summary>
    public string Writer => Kind == ElementKind.Record ? "JsonWrite.RecordValue" : $"JsonWrite.{Name}Value";

    public static ElementShape Of(TypeCatalog catalog, SchemaFile file, string type)
    {
        switch (type)
        {
            case "string": return new(ElementKind.Scalar, "string", "String");
            case "bool": return new(ElementKind.Scalar, "bool", "Bool");
            case "int32": return new(ElementKind.Scalar, "int", "Int32");
            case "int64": return new(ElementKind.Scalar, "long", "Int64");
            case "float64": return new(ElementKind.Scalar, "double", "Double");
            case "bytes": return new(ElementKind.Scalar, "ReadOnlyMemory<byte>", "Bytes");
            case "any": return new(ElementKind.Scalar, "JsonElement", "Json");
        }

        var (home, found) = catalog.Resolve(file, type);
        return found.Form switch
        {
            TypeForm.Scalar => Scalar(found.Name),
            TypeForm.List => new(ElementKind.List, "IReadOnlyList<string>", "Strings"),
            _ => new(ElementKind.Record, $"global::{home.Namespace}.{found.Name}", "Record"),
        };
    }

    private static ElementShape Scalar(string name) => name switch
    {
        "Time" => new(ElementKind.Scalar, "DateTimeOffset", "Time"),
        "MicroTime" => new(ElementKind.Scalar, "DateTimeOffset", "MicroTime"),
        "Duration" => new(ElementKind.Scalar, "string", "Duration"),
        "Quantity" => new(ElementKind.Scalar, "global::Kobune.Api.Quantity", "Quantity"),
        "IntOrString" => new(ElementKind.Scalar, "global::Kobune.Api.IntOrString", "IntOrString"),
        "RawExtension" or "FieldsV1" or "JSON" or "Unknown" => new(ElementKind.Scalar, "JsonElement", "Json"),
        _ => throw new FormatException($"no C# type for the scalar {name}"),
    };
}
