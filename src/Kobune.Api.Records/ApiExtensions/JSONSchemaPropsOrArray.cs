using System.Text.Json;
using Kobune.Api.Json;

namespace Kobune.Api.ApiExtensions.V1;

/// <summary>A schema or a list of schemas; JSON shows the list when there is one.</summary>
public sealed record JSONSchemaPropsOrArray : IJsonRecord<JSONSchemaPropsOrArray>
{
    /// <summary>Neither.</summary>
    public static JSONSchemaPropsOrArray Empty { get; } = new();

    /// <summary>The one schema.</summary>
    public JSONSchemaProps? Schema { get; init; }

    /// <summary>The list.</summary>
    public IReadOnlyList<JSONSchemaProps> JSONSchemas { get; init; } = [];

    /// <inheritdoc/>
    public static JSONSchemaPropsOrArray ReadJson(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return new() { Schema = JSONSchemaProps.ReadJson(ref reader) };
        }

        var list = new List<JSONSchemaProps>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            list.Add(JSONSchemaProps.ReadJson(ref reader));
        }

        return new() { JSONSchemas = list };
    }

    /// <inheritdoc/>
    public void WriteJson(Utf8JsonWriter writer)
    {
        if (JSONSchemas.Count > 0)
        {
            writer.WriteStartArray();
            foreach (var schema in JSONSchemas)
            {
                schema.WriteJson(writer);
            }

            writer.WriteEndArray();
        }
        else if (Schema is not null)
        {
            Schema.WriteJson(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    /// <summary>Same content.</summary>
    public bool Equals(JSONSchemaPropsOrArray? other) => other is not null && Schema == other.Schema && DeepEquality.Lists(JSONSchemas, other.JSONSchemas);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Schema, JSONSchemas.Count);
}
