using System.Text.Json.Nodes;

namespace Kobune.Api.Schema.Custom;

/// <summary>
/// Drops from a custom object what its schema does not know, in place. A value of the wrong type is searched too: validation, which comes later, will refuse it. Source:
/// k8s.io/apiextensions-apiserver, apiserver/schema/pruning.
/// </summary>
internal sealed class CustomPruner(StrictErrors strict)
{
    private readonly FieldPath _path = new();

    /// <summary>Drops unknown fields at every level, and tells of each.</summary>
    public static void Prune(JsonObject obj, SchemaType type, StrictErrors strict) => new CustomPruner(strict).Value(obj, type);

    /// <param name="value">What is searched.</param>
    /// <param name="type">Its type; null where the schema has none, so that nothing is known.</param>
    private void Value(JsonNode? value, SchemaType? type)
    {
        if (type is { PreservesUnknownFields: true })
        {
            Kept(value, type);
        }
        else if (value is JsonObject map)
        {
            List<string>? unknown = null;
            foreach (var (name, child) in map)
            {
                if (!IsMeta(name, type) && !Known(name, child, type))
                {
                    strict.Unknown(_path.With(name));
                    (unknown ??= []).Add(name);
                }
            }

            unknown?.ForEach(name => map.Remove(name));
        }
        else
        {
            Items(value, type, Value);
        }
    }

    /// <summary>Inside of what keeps unknown fields: those that the schema does name are searched.</summary>
    private void Kept(JsonNode? value, SchemaType? type)
    {
        if (value is JsonObject map && type is not null)
        {
            foreach (var (name, child) in map)
            {
                _ = IsMeta(name, type) || Known(name, child, type);
            }
        }
        else
        {
            Items(value, type, Kept);
        }
    }

    private bool Known(string name, JsonNode? child, SchemaType? type)
    {
        var known = type?.TypeOf(name);
        if (known is not null && child is not null)
        {
            _path.Push(name);
            Value(child, known);
            _path.Pop();
        }

        return known is not null;
    }

    private void Items(JsonNode? value, SchemaType? type, Action<JsonNode?, SchemaType?> search)
    {
        var element = type?.Shape == SchemaShape.List ? type.Element : null;
        for (var i = 0; value is JsonArray list && i < list.Count; i++)
        {
            _path.Push(i);
            search(list[i], element);
            _path.Pop();
        }
    }

    /// <summary>Metadata is decoded elsewhere, which drops more.</summary>
    private static bool IsMeta(string name, SchemaType? type) => type is { IsKind: true } && name is "apiVersion" or "kind" or "metadata";
}
