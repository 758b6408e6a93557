using System.Text.Json;
using System.Text.Unicode;

namespace Kobune.ApiServer.Codec;

/// <summary>JSON in the place of YAML, as client libraries send it when they apply. Most of it means the same in both, and need not be read as YAML, which takes many times as long.</summary>
internal static class PlainJson
{
    /// <summary>
    /// Whether a text is one JSON object that go-yaml reads as it stands: no key comes twice (go-yaml tells of that), all numbers are whole and fit 64 bits (it makes 1 of 1.0), and nothing
    /// is in it that YAML has rules of its own for (tabs, escaped surrogates).
    /// </summary>
    public static bool Is(ReadOnlySpan<byte> text)
    {
        if (!text.TrimStart(" \r\n"u8).StartsWith("{"u8) || text.Contains((byte)'\t') || text.IndexOf("\\uD"u8) >= 0 || text.IndexOf("\\ud"u8) >= 0 || !Utf8.IsValid(text))
        {
            return false;
        }

        var reader = new Utf8JsonReader(text);
        var keys = new List<HashSet<string>>();
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject when keys.Count > reader.CurrentDepth:
                        keys[reader.CurrentDepth].Clear();
                        break;
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        while (keys.Count <= reader.CurrentDepth)
                        {
                            keys.Add(new(StringComparer.Ordinal));
                        }

                        break;
                    case JsonTokenType.PropertyName when !keys[reader.CurrentDepth - 1].Add(reader.GetString()!):
                    case JsonTokenType.Number when !reader.TryGetInt64(out var number) || (number == 0 && reader.ValueSpan[0] == '-'):
                        return false;
                    default:
                        break;
                }
            }

            return true;
        }
        catch (JsonException)
        {
            return false; // maybe it is YAML
        }
    }
}
