using System.Text;
using System.Text.Json;

namespace Kobune.ApiServer.Watch;

/// <summary>Reads one scalar out of an object's bytes without decoding the rest.</summary>
internal static class JsonFields
{
    /// <summary>The scalar at a dotted path as text; empty when it is absent, null or no scalar.</summary>
    public static string Text(ReadOnlySpan<byte> json, string path)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        var rest = path.AsSpan();
        while (true)
        {
            var dot = rest.IndexOf('.');
            var segment = dot < 0 ? rest : rest[..dot];
            if (reader.TokenType != JsonTokenType.StartObject || !Enter(ref reader, segment))
            {
                return "";
            }

            if (dot < 0)
            {
                return Scalar(ref reader);
            }

            rest = rest[(dot + 1)..];
        }
    }

    /// <summary>The bytes of a top-level field; empty when it is absent. Of canonical bytes, equal fields have equal bytes.</summary>
    public static ReadOnlySpan<byte> Raw(ReadOnlySpan<byte> json, string name)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (!Enter(ref reader, name))
        {
            return [];
        }

        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }

    private static bool Enter(ref Utf8JsonReader reader, ReadOnlySpan<char> name)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static string Scalar(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString()!,
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => "",
    };
}
