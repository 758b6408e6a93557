using System.Text.Json.Nodes;

namespace Kobune.Api.Schema;

/// <summary>
/// Takes fields out of an object whose feature gate is off, unless the object that is updated uses the feature already: switching a gate off hides no data.
/// Upstream: the dropDisabledFields functions of each kind's strategy.
/// </summary>
public static class DisabledFields
{
    /// <param name="obj">What shall be written; changed in place.</param>
    /// <param name="type">The type of both.</param>
    /// <param name="live">What is there; null for a new object.</param>
    public static void Drop(JsonObject obj, SchemaType type, JsonObject? live)
    {
        if (!type.LeadsToOff)
        {
            return;
        }

        var used = new HashSet<string>(StringComparer.Ordinal);
        if (live is not null)
        {
            Visit(live, type, (_, field) => used.Add(FeatureOf(field)));
        }

        Visit(obj, type, (owner, field) =>
        {
            if (!used.Contains(FeatureOf(field)))
            {
                owner.Remove(field.Name);
            }
        });
    }

    // A feature that has several fields is used when one of them is.
    private static string FeatureOf(SchemaField field) => string.Join(',', field.Gates);

    private static void Visit(JsonNode? node, SchemaType type, Action<JsonObject, SchemaField> off)
    {
        switch (node)
        {
            case JsonObject obj when type.Shape == SchemaShape.Object:
                foreach (var field in type.Fields)
                {
                    if ((field.IsOff || field.Type.LeadsToOff) && obj.TryGetPropertyValue(field.Name, out var value) && value is not null)
                    {
                        Visit(value, field.Type, off);
                        if (field.IsOff)
                        {
                            off(obj, field);
                        }
                    }
                }

                break;
            case JsonObject map when type.Shape == SchemaShape.Map && type.Element.LeadsToOff:
                foreach (var (_, item) in map)
                {
                    Visit(item, type.Element, off);
                }

                break;
            case JsonArray list when type.Shape == SchemaShape.List && type.Element.LeadsToOff:
                foreach (var item in list)
                {
                    Visit(item, type.Element, off);
                }

                break;
            default:
                break;
        }
    }
}
