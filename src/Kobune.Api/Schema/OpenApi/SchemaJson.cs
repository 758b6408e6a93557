using System.Text.Json;

namespace Kobune.Api.Schema.OpenApi;

/// <summary>Writes types as OpenAPI schemas, in the dialect of version 2 or 3.</summary>
internal sealed class SchemaJson(Utf8JsonWriter writer, bool isV3, KindIndex kinds)
{
    private readonly string _reference = isV3 ? "#/components/schemas/" : "#/definitions/";

    /// <summary>Writes all named types that can be reached, sorted by name, as properties of the current object.</summary>
    public void Definitions(IEnumerable<SchemaType> roots)
    {
        var found = new SortedDictionary<string, SchemaType>(StringComparer.Ordinal);
        var open = new Stack<SchemaType>(roots);
        while (open.TryPop(out var type))
        {
            if (type.Shape is SchemaShape.List or SchemaShape.Map)
            {
                open.Push(type.Element);
            }
            else if (type.OpenApiName.Length == 0 || found.TryAdd(type.OpenApiName, type))
            {
                foreach (var field in type.Shape == SchemaShape.Object ? type.Fields : [])
                {
                    open.Push(field.Type);
                }
            }
        }

        foreach (var (name, type) in found)
        {
            writer.WritePropertyName(name);
            Definition(type);
        }
    }

    /// <summary>A reference to a named type as the value of the current property.</summary>
    public void Reference(SchemaType type)
    {
        writer.WriteStartObject();
        writer.WriteString("$ref", _reference + type.OpenApiName);
        writer.WriteEndObject();
    }

    private void Definition(SchemaType type)
    {
        if (type.OpenApiSource is { } source)
        {
            writer.WriteRawValue(source(isV3));
            return;
        }

        writer.WriteStartObject();
        Body(type);
        writer.WriteEndObject();
    }

    private void Body(SchemaType type)
    {
        switch (type.Shape)
        {
            case SchemaShape.Object: Object(type); break;
            case SchemaShape.Time or SchemaShape.MicroTime: Scalar("string", "date-time"); break;
            case SchemaShape.Duration: Scalar("string", ""); break;
            case SchemaShape.Quantity when isV3: OneOf("string", "number"); break;
            case SchemaShape.Quantity: Scalar("string", ""); break;
            case SchemaShape.IntOrString when isV3:
                writer.WriteString("format", "int-or-string");
                OneOf("integer", "string");
                break;
            case SchemaShape.IntOrString: Scalar("string", "int-or-string"); break;
            case SchemaShape.Raw when type.Name != "JSON": Scalar("object", ""); break;
        }
    }

    private void Object(SchemaType type)
    {
        if (type.Fields.Count > 0 || type.IsKind)
        {
            writer.WriteStartObject("properties");
            var properties = type.Fields.Select(f => (f.Name, Field: (SchemaField?)f));
            if (type.IsKind)
            {
                properties = properties.Append(("apiVersion", null)).Append(("kind", null));
            }

            foreach (var (name, field) in properties.OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                writer.WriteStartObject(name);
                if (field is null)
                {
                    Scalar("string", "");
                }
                else
                {
                    Property(field);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        Strings("required", type.Fields.Where(f => f.IsRequired).Select(f => f.Name).Order(StringComparer.Ordinal));
        writer.WriteString("type", "object");
        if (type.PreservesUnknownFields)
        {
            writer.WriteBoolean("x-kubernetes-preserve-unknown-fields", true);
        }

        kinds.Write(writer, type);
        if (type.Merge == MergeSemantics.Atomic)
        {
            writer.WriteString("x-kubernetes-map-type", "atomic");
        }

        Unions(type);
    }

    private void Unions(SchemaType type)
    {
        if (type.Unions.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("x-kubernetes-unions");
        foreach (var union in type.Unions)
        {
            writer.WriteStartObject();
            if (union.Discriminator.Length > 0)
            {
                writer.WriteString("discriminator", union.Discriminator);
            }

            writer.WriteStartObject("fields-to-discriminateBy");
            foreach (var (field, value) in union.Fields.Zip(union.Values).OrderBy(m => m.First, StringComparer.Ordinal))
            {
                writer.WriteString(field, value);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void Property(SchemaField field)
    {
        if (field.Default is { } text && text != "\"\"")
        {
            writer.WritePropertyName("default");
            writer.WriteRawValue(text);
        }

        if (field.Enum is { IsClosed: true } values && field.Type.Shape == SchemaShape.String)
        {
            Strings("enum", values.Values.Order(StringComparer.Ordinal));
        }

        Value(field.Type, field.Enum, field.Default is not null && field.Default != "\"\"");
        if (field.Merge == MergeSemantics.Granular || field.Merge == MergeSemantics.Atomic)
        {
            writer.WriteString("x-kubernetes-map-type", field.Merge == MergeSemantics.Atomic ? "atomic" : "granular");
        }

        if (field.PatchMergeKey.Length > 0)
        {
            writer.WriteString("x-kubernetes-patch-merge-key", field.PatchMergeKey);
        }

        if (field.PatchStrategy.Length > 0)
        {
            writer.WriteString("x-kubernetes-patch-strategy", field.PatchStrategy);
        }
    }

    private void Value(SchemaType type, SchemaEnum? values, bool hasSiblings)
    {
        switch (type.Shape)
        {
            case SchemaShape.String: Scalar("string", ""); break;
            case SchemaShape.Boolean: Scalar("boolean", ""); break;
            case SchemaShape.Int32: Scalar("integer", "int32"); break;
            case SchemaShape.Int64: Scalar("integer", "int64"); break;
            case SchemaShape.Double: Scalar("number", "double"); break;
            case SchemaShape.Bytes: Scalar("string", "byte"); break;
            case SchemaShape.Any: break;
            case SchemaShape.List: List(type, values); break;
            case SchemaShape.Map:
                writer.WriteStartObject("additionalProperties");
                Value(type.Element, null, false);
                writer.WriteEndObject();
                writer.WriteString("type", "object");
                if (type.Merge == MergeSemantics.Atomic)
                {
                    writer.WriteString("x-kubernetes-map-type", "atomic");
                }

                break;
            default:
                if (type.OpenApiName.Length == 0)
                {
                    Body(type);
                }
                else if (isV3 && hasSiblings)
                {
                    writer.WriteStartArray("allOf");
                    Reference(type);
                    writer.WriteEndArray();
                }
                else
                {
                    writer.WriteString("$ref", _reference + type.OpenApiName);
                }

                break;
        }
    }

    private void List(SchemaType type, SchemaEnum? values)
    {
        writer.WriteStartObject("items");
        if (values is { IsClosed: true } && type.Element.Shape == SchemaShape.String)
        {
            Strings("enum", values.Values.Order(StringComparer.Ordinal));
        }

        Value(type.Element, null, false);
        writer.WriteEndObject();
        writer.WriteString("type", "array");
        if (type.MergeIsMarked && !type.IsWrapped)
        {
            Strings("x-kubernetes-list-map-keys", type.ListKeys);
            writer.WriteString("x-kubernetes-list-type", type.Merge switch { MergeSemantics.Map => "map", MergeSemantics.Set => "set", _ => "atomic" });
        }
    }

    private void Scalar(string type, string format)
    {
        if (format.Length > 0)
        {
            writer.WriteString("format", format);
        }

        writer.WriteString("type", type);
    }

    private void OneOf(string first, string second)
    {
        writer.WriteStartArray("oneOf");
        foreach (var type in (ReadOnlySpan<string>)[first, second])
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void Strings(string name, IEnumerable<string> values)
    {
        var isOpen = false;
        foreach (var value in values)
        {
            if (!isOpen)
            {
                writer.WriteStartArray(name);
                isOpen = true;
            }

            writer.WriteStringValue(value);
        }

        if (isOpen)
        {
            writer.WriteEndArray();
        }
    }
}
