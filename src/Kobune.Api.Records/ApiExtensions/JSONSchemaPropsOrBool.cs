using System.Text.Json;

namespace Kobune.Api.ApiExtensions.V1;

/// <summary>A schema or a boolean.</summary>
public sealed record JSONSchemaPropsOrBool : IJsonRecord<JSONSchemaPropsOrBool>
{
    /// <summary>The boolean false.</summary>
    public static JSONSchemaPropsOrBool Empty { get; } = new();

    /// <summary>The boolean; true beside a schema.</summary>
    public bool Allows { get; init; }

    /// <summary>The schema, which JSON shows when there is one.</summary>
    public JSONSchemaProps? Schema { get; init; }

    /// <inheritdoc/>
    public static JSONSchemaPropsOrBool ReadJson(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.True => new() { Allows = true },
        JsonTokenType.False => Empty,
        _ => new() { Allows = true, Schema = JSONSchemaProps.ReadJson(ref reader) },
    };

    /// <inheritdoc/>
    public void WriteJson(Utf8JsonWriter writer)
    {
        if (Schema is not null)
        {
            Schema.WriteJson(writer);
        }
        else
        {
            writer.WriteBooleanValue(Allows);
        }
    }
}
