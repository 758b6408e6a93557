using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.CustomResources;
using Kobune.Cel.Schemas;

namespace Kobune.ApiServer.Admission.Policies;

/// <summary>A served kind's schema as expressions see it, for type checks. Source: k8s.io/apiserver, cel/openapi (resolver and adaptor).</summary>
internal static class TypeSchema
{
    private static readonly CelSchema Text = new() { Type = "string" };

    /// <summary>The schema of a kind; null for a type that holds itself, which upstream cannot write out either.</summary>
    public static CelSchema? Of(SchemaType kind) => kind.OpenApiSource is { } source ? Custom(kind, (JsonObject)JsonNode.Parse(source(true))!) : Of(kind, []);

    private static CelSchema? Custom(SchemaType kind, JsonObject published)
    {
        var schema = RuleSchema.Of(published);
        return kind.TryGetField("metadata", out var metadata) && Of(metadata.Type, []) is { } known
            ? schema with { Properties = new Dictionary<string, CelSchema>(schema.Properties!, StringComparer.Ordinal) { ["metadata"] = known } }
            : schema;
    }

    private static CelSchema? Of(SchemaType type, HashSet<SchemaType> outer)
    {
        switch (type.Shape)
        {
            case SchemaShape.Object:
                return Object(type, outer);
            case SchemaShape.List:
                return Of(type.Element, outer) is { } items ? new() { Type = "array", Items = items } : null;
            case SchemaShape.Map:
                return Of(type.Element, outer) is { } values ? new() { Type = "object", AdditionalProperties = values } : null;
            case SchemaShape.Boolean:
                return new() { Type = "boolean" };
            case SchemaShape.Int32 or SchemaShape.Int64:
                return new() { Type = "integer" };
            case SchemaShape.Double:
                return new() { Type = "number" };
            case SchemaShape.Bytes:
                return Text with { Format = "byte" };
            case SchemaShape.Time or SchemaShape.MicroTime:
                return Text with { Format = "date-time" };
            case SchemaShape.IntOrString:
                return new() { IsIntOrString = true };
            case SchemaShape.Raw when type.Name != "JSON":
                return new() { Type = "object" };
            case SchemaShape.Any or SchemaShape.Raw or SchemaShape.Union:
                return new();
            default:
                return Text;
        }
    }

    private static CelSchema? Object(SchemaType type, HashSet<SchemaType> outer)
    {
        if (!outer.Add(type))
        {
            return null;
        }

        var properties = new Dictionary<string, CelSchema>(StringComparer.Ordinal);
        foreach (var field in type.Fields)
        {
            if (Of(field.Type, outer) is not { } found)
            {
                return null;
            }

            properties[field.Name] = found;
        }

        outer.Remove(type);
        if (type.IsKind)
        {
            (properties["apiVersion"], properties["kind"]) = (Text, Text);
        }

        return new() { Type = "object", Properties = properties, PreservesUnknownFields = type.PreservesUnknownFields };
    }
}
