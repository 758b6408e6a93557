using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>What a conversion may not change. Pure.</summary>
internal static class ConvertedObjects
{
    /// <summary>Checks version, kind and identity.</summary>
    /// <exception cref="FormatException">Upstream's words.</exception>
    public static void Check(JsonObject original, JsonObject? converted, string apiVersion)
    {
        if (converted is null || converted.Text("kind").Length == 0)
        {
            throw new FormatException("Object 'Kind' is missing in the converted object");
        }

        if (converted.Text("apiVersion") != apiVersion)
        {
            throw new FormatException($"invalid groupVersion (expected {apiVersion}, received {converted.Text("apiVersion")})");
        }

        if (converted.Text("kind") != original.Text("kind"))
        {
            throw new FormatException($"invalid kind (expected {original.Text("kind")}, received {converted.Text("kind")})");
        }

        foreach (var (field, shown) in new[] { ("name", "name"), ("namespace", "namespace"), ("uid", "UID") })
        {
            var (before, after) = (original.Child("metadata").Text(field), converted.Child("metadata").Text(field));
            if (before != after)
            {
                throw new FormatException($"must have the same {shown}: {before} != {after}");
            }
        }
    }

    /// <summary>Gives the converted object the metadata of the original, except for labels and annotations, which stay its own.</summary>
    /// <exception cref="FormatException">Upstream's words.</exception>
    public static void RestoreMetadata(JsonObject original, JsonObject converted)
    {
        var given = converted["metadata"] as JsonObject ?? throw new FormatException("missing metadata in converted object");
        var metadata = (JsonObject?)original.Child("metadata")?.DeepClone() ?? [];
        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations"])
        {
            metadata.Remove(field);
            if (given[field] is not { } values)
            {
                continue;
            }

            foreach (var (key, value) in values as JsonObject ?? throw new FormatException($"invalid metadata.{field} of type {TypeOf(values)} in converted object"))
            {
                if (value is not JsonValue text || !text.TryGetValue<string>(out _))
                {
                    throw new FormatException($"metadata.{field}[{key}] must be a string, but is {TypeOf(value)} in converted object");
                }
            }

            metadata[field] = values.DeepClone();
        }

        Check(metadata);
        converted["metadata"] = metadata;
    }

    private static void Check(JsonObject metadata)
    {
        var errors = new FieldErrors();
        MetadataValidation.Labels(metadata, errors);
        if (errors.Items.Count > 0)
        {
            var texts = errors.Items.Select(e => $"{e.Field}: {e.Message}").ToArray();
            throw new FormatException(texts.Length == 1 ? texts[0] : $"[{string.Join(", ", texts)}]");
        }
    }

    private static string TypeOf(JsonNode? node) => node switch
    {
        null => "<nil>",
        JsonArray => "[]interface {}",
        JsonObject => "map[string]interface {}",
        JsonValue value when value.TryGetValue<bool>(out _) => "bool",
        JsonValue value when value.TryGetValue<string>(out _) => "string",
        JsonValue value when value.TryGetValue<long>(out _) => "int64",
        _ => "float64",
    };
}
