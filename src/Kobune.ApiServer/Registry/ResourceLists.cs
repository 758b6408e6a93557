using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Schema;

namespace Kobune.ApiServer.Registry;

/// <summary>Amounts of resources are whole thousandths: finer ones are rounded up, wherever an object has a list of them (upstream's SetDefaults_ResourceList). Device capacities have no such rule.</summary>
internal static class ResourceLists
{
    /// <summary>Of each type: the fields that are such lists or have some within, so that a kind without them costs nothing.</summary>
    private static readonly ConditionalWeakTable<SchemaType, SchemaField[]> Ways = [];

    public static void RoundUp(JsonObject obj, SchemaType type)
    {
        foreach (var field in Ways.GetValue(type, t => [.. t.Fields.Where(f => IsList(f, t) || Leads(f.Type, []))]))
        {
            if (!obj.TryGetPropertyValue(field.Name, out var value) || value is null)
            {
                continue;
            }

            if (IsList(field, type))
            {
                RoundUp(value as JsonObject ?? []);
            }
            else
            {
                Inside(value, field.Type);
            }
        }
    }

    private static bool IsList(SchemaField field, SchemaType type) =>
        field.Type is { Shape: SchemaShape.Map, Element.Shape: SchemaShape.Quantity } && !type.OpenApiName.Contains(".api.resource.", StringComparison.Ordinal);

    private static bool Leads(SchemaType type, HashSet<SchemaType> seen) => type.Shape switch
    {
        SchemaShape.Object => seen.Add(type) && type.Fields.Any(f => IsList(f, type) || Leads(f.Type, seen)),
        SchemaShape.List => type.Element.Shape == SchemaShape.Object && Leads(type.Element, seen),
        _ => false,
    };

    private static void Inside(JsonNode value, SchemaType type)
    {
        switch (value)
        {
            case JsonObject obj when type.Shape == SchemaShape.Object:
                RoundUp(obj, type);
                break;
            case JsonArray list when type is { Shape: SchemaShape.List, Element.Shape: SchemaShape.Object }:
                foreach (var item in list.OfType<JsonObject>())
                {
                    RoundUp(item, type.Element);
                }

                break;
        }
    }

    private static void RoundUp(JsonObject list)
    {
        foreach (var (name, value) in list.ToArray())
        {
            if (value is JsonValue text && text.TryGetValue<string>(out var given) && Quantity.TryParse(given, out var amount) && amount.RoundUpToMilli() is var rounded && !rounded.Equals(amount))
            {
                list[name] = rounded.ToString();
            }
        }
    }
}
