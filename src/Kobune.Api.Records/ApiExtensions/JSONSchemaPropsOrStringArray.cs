using System.Text.Json;
using Kobune.Api.Json;

namespace Kobune.Api.ApiExtensions.V1;

/// <summary>A schema or a list of property names; JSON shows the names when there are any.</summary>
public sealed record JSONSchemaPropsOrStringArray : IJsonRecord<JSONSchemaPropsOrStringArray>
{
    /// <summary>Neither.</summary>
    public static JSONSchemaPropsOrStringArray Empty { get; } = new();

    /// <summary>The schema.</summary>
    public JSONSchemaProps? Schema { get; init; }

    /// <summary>The names.</summary>
    public IReadOnlyList<string> Property { get; init; } = [];

    /// <inheritdoc/>
    public static JSONSchemaPropsOrStringArray ReadJson(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.StartArray
        ? new() { Property = JsonRead.StringsValue(ref reader) }
        : new() { Schema = JSONSchemaProps.ReadJson(ref reader) };

    /// <inheritdoc/>
    public void WriteJson(Utf8JsonWriter writer)
    {
        if (Property.Count > 0)
        {
            JsonWrite.StringsValue(writer, Property);
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
    public bool Equals(JSONSchemaPropsOrStringArray? other) => other is not null && Schema == other.Schema && DeepEquality.Lists(Property, other.Property);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Schema, Property.Count);
}
