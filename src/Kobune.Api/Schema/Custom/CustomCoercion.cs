using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kobune.Api.Schema.Custom;

/// <summary>
/// Makes of a free tree what its definition describes: metadata is decoded, that of resources inside it too, and what the schema does not know is dropped.
/// Source: k8s.io/apiextensions-apiserver, apiserver/customresource_handler.go (unstructuredSchemaCoercer) and apiserver/schema/objectmeta.
/// </summary>
public static class CustomCoercion
{
    private static readonly SchemaType ObjectMeta = ApiSchema.Newest.FindType("meta/v1.ObjectMeta")!;

    /// <summary>Coerces in place.</summary>
    /// <param name="obj">The object.</param>
    /// <param name="type">Its kind.</param>
    /// <param name="strict">Takes what is dropped; null to ignore it.</param>
    /// <param name="keepsNulls">Whether nulls stay that are no value of their field.</param>
    /// <exception cref="ObjectDecodeException">Metadata has a value of the wrong type, or a resource inside has an apiVersion or kind that is no text.</exception>
    public static void Apply(JsonObject obj, SchemaType type, StrictErrors? strict, bool keepsNulls = false)
    {
        var path = new FieldPath();
        if (obj.TryGetPropertyValue("metadata", out var metadata))
        {
            path.Push("metadata");
            obj["metadata"] = Metadata(metadata, strict, path);
            path.Pop();
        }

        var dropped = new StrictErrors();
        CustomPruner.Prune(obj, type, dropped);
        strict?.AddSorted(dropped);
        if (!keepsNulls)
        {
            CustomDefaults.DropNulls(obj, type);
        }

        var inside = new StrictErrors();
        Fields(obj, type, inside, path);
        strict?.AddSorted(inside);
    }

    /// <summary>Decodes the metadata of a resource.</summary>
    /// <exception cref="ObjectDecodeException">It is no object, or has a value of the wrong type.</exception>
    public static JsonObject Metadata(JsonNode? metadata) => Metadata(metadata, null, new());

    private static void Inside(JsonNode? value, SchemaType type, StrictErrors strict, FieldPath path)
    {
        switch (value)
        {
            case JsonObject obj when type.Shape == SchemaShape.Object && type.IsCustom:
                if (type.IsKind)
                {
                    Resource(obj, strict, path);
                }

                Fields(obj, type, strict, path);
                break;
            case JsonObject map when type.Shape == SchemaShape.Map:
                foreach (var (key, item) in map)
                {
                    path.Push(key);
                    Inside(item, type.Element, strict, path);
                    path.Pop();
                }

                break;
            case JsonArray list when type.Shape == SchemaShape.List:
                for (var i = 0; i < list.Count; i++)
                {
                    path.Push(i);
                    Inside(list[i], type.Element, strict, path);
                    path.Pop();
                }

                break;
        }
    }

    private static void Fields(JsonObject obj, SchemaType type, StrictErrors strict, FieldPath path)
    {
        foreach (var (name, value) in obj)
        {
            if (value is JsonObject or JsonArray && type.TryGetField(name, out var field) && field.Type.IsCustom)
            {
                path.Push(name);
                Inside(value, field.Type, strict, path);
                path.Pop();
            }
        }
    }

    private static void Resource(JsonObject obj, StrictErrors strict, FieldPath path)
    {
        foreach (var (name, value) in obj.ToArray())
        {
            if (name is "apiVersion" or "kind" && value?.GetValueKind() != JsonValueKind.String)
            {
                throw new ObjectDecodeException($"{path.With(name)}: Invalid value: {SortedJson.Text(value)}: must be a string");
            }

            if (name != "metadata")
            {
                continue;
            }

            path.Push(name);
            var place = path.ToString(); // what is decoded may not be left in order
            try
            {
                obj[name] = Metadata(value, strict, path);
            }
            catch (ObjectDecodeException e)
            {
                throw new ObjectDecodeException($"{place}: Invalid value: {(value is JsonValue text && text.TryGetValue<string>(out var some) ? $"\"{some}\"" : SortedJson.Text(value))}: {e.Message}");
            }

            path.Pop();
        }
    }

    private static JsonObject Metadata(JsonNode? metadata, StrictErrors? strict, FieldPath path)
    {
        var target = new JsonObject();
        if (metadata is not null)
        {
            new ObjectDecoder(strict, path).Object(ObjectReader.Parse(SortedJson.Bytes(metadata)), ObjectMeta, target);
        }

        return target;
    }
}
