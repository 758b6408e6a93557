using System.Collections.ObjectModel;
using System.Text.Json;

namespace Kobune.Api.Json;

/// <summary>What generated readers are made of. A method named as a type reads the value behind the property name at which the reader stands;
/// a *Value method reads the token at which it stands. JSON null is the same as an absent field, as in Go.</summary>
internal static class JsonRead
{
    public delegate T ReadValue<T>(ref Utf8JsonReader r);

    public static IReadOnlyDictionary<string, T> EmptyMap<T>() => ReadOnlyDictionary<string, T>.Empty;

    /// <summary>Whether an object starts here; null means an empty one.</summary>
    public static bool StartObject(ref Utf8JsonReader r) => r.TokenType switch
    {
        JsonTokenType.StartObject => true,
        JsonTokenType.Null => false,
        _ => throw Wrong(ref r, "an object"),
    };

    /// <summary>Goes to the next property of the object; false at its end.</summary>
    public static bool Property(ref Utf8JsonReader r, out ReadOnlySpan<byte> name)
    {
        r.Read();
        if (r.TokenType == JsonTokenType.EndObject)
        {
            name = default;
            return false;
        }

        name = r.ValueIsEscaped || r.HasValueSequence ? System.Text.Encoding.UTF8.GetBytes(r.GetString()!) : r.ValueSpan;
        return true;
    }

    public static void Skip(ref Utf8JsonReader r) => r.Skip();

    public static bool Null(ref Utf8JsonReader r)
    {
        r.Read();
        return r.TokenType == JsonTokenType.Null;
    }

    /// <summary>A string that is nearly always the known one, which is then not allocated again.</summary>
    public static string Like(ref Utf8JsonReader r, string known)
    {
        if (Null(ref r))
        {
            return known;
        }

        return r.TokenType == JsonTokenType.String && (r.ValueTextEquals(known) || r.ValueTextEquals(default(ReadOnlySpan<byte>))) ? known : StringValue(ref r);
    }

    public static string String(ref Utf8JsonReader r) => Null(ref r) ? "" : StringValue(ref r);

    public static string? StringOrNull(ref Utf8JsonReader r) => Null(ref r) ? null : StringValue(ref r);

    public static string StringValue(ref Utf8JsonReader r) => r.TokenType switch
    {
        JsonTokenType.String => r.GetString()!,
        JsonTokenType.Null => "",
        _ => throw Wrong(ref r, "a string"),
    };

    public static string Duration(ref Utf8JsonReader r) => String(ref r);

    public static string? DurationOrNull(ref Utf8JsonReader r) => StringOrNull(ref r);

    public static bool Bool(ref Utf8JsonReader r) => !Null(ref r) && BoolValue(ref r);

    public static bool? BoolOrNull(ref Utf8JsonReader r) => Null(ref r) ? null : BoolValue(ref r);

    public static bool BoolValue(ref Utf8JsonReader r) => r.TokenType is JsonTokenType.True or JsonTokenType.False ? r.GetBoolean() : throw Wrong(ref r, "a boolean");

    public static int Int32(ref Utf8JsonReader r) => Null(ref r) ? 0 : Int32Value(ref r);

    public static int? Int32OrNull(ref Utf8JsonReader r) => Null(ref r) ? null : Int32Value(ref r);

    public static int Int32Value(ref Utf8JsonReader r) => r.TokenType == JsonTokenType.Number && r.TryGetInt32(out var value) ? value : throw Wrong(ref r, "an int32");

    public static long Int64(ref Utf8JsonReader r) => Null(ref r) ? 0 : Int64Value(ref r);

    public static long? Int64OrNull(ref Utf8JsonReader r) => Null(ref r) ? null : Int64Value(ref r);

    public static long Int64Value(ref Utf8JsonReader r) => r.TokenType == JsonTokenType.Number && r.TryGetInt64(out var value) ? value : throw Wrong(ref r, "an int64");

    public static double Double(ref Utf8JsonReader r) => Null(ref r) ? 0 : DoubleValue(ref r);

    public static double? DoubleOrNull(ref Utf8JsonReader r) => Null(ref r) ? null : DoubleValue(ref r);

    public static double DoubleValue(ref Utf8JsonReader r) => r.TokenType == JsonTokenType.Number && r.TryGetDouble(out var value) ? value : throw Wrong(ref r, "a number");

    public static ReadOnlyMemory<byte> Bytes(ref Utf8JsonReader r) => Null(ref r) ? default : BytesValue(ref r);

    public static ReadOnlyMemory<byte> BytesValue(ref Utf8JsonReader r) => r.TokenType switch
    {
        JsonTokenType.String when r.TryGetBytesFromBase64(out var value) => value,
        JsonTokenType.Null => default,
        _ => throw Wrong(ref r, "base64 text"),
    };

    public static JsonElement? Json(ref Utf8JsonReader r) => Null(ref r) ? null : JsonValue(ref r);

    public static JsonElement JsonValue(ref Utf8JsonReader r) => JsonElement.ParseValue(ref r);

    public static DateTimeOffset? Time(ref Utf8JsonReader r) => Null(ref r) ? null : TimeValue(ref r);

    public static DateTimeOffset TimeValue(ref Utf8JsonReader r) => r.TokenType switch
    {
        JsonTokenType.String when r.TryGetDateTimeOffset(out var value) => value,
        JsonTokenType.Null => default,
        _ => throw Wrong(ref r, "an RFC 3339 time"),
    };

    public static DateTimeOffset? MicroTime(ref Utf8JsonReader r) => Time(ref r);

    public static DateTimeOffset MicroTimeValue(ref Utf8JsonReader r) => TimeValue(ref r);

    public static Quantity Quantity(ref Utf8JsonReader r) => Null(ref r) ? default : QuantityValue(ref r);

    public static Quantity? QuantityOrNull(ref Utf8JsonReader r) => Null(ref r) ? null : QuantityValue(ref r);

    public static Quantity QuantityValue(ref Utf8JsonReader r)
    {
        var text = r.TokenType switch
        {
            JsonTokenType.String => r.GetString()!,
            JsonTokenType.Number => System.Text.Encoding.ASCII.GetString(r.ValueSpan),
            _ => throw Wrong(ref r, "a quantity"),
        };
        return Api.Quantity.TryParse(text.Trim(), out var value, out var error) ? value : throw new JsonException(error);
    }

    public static IntOrString IntOrString(ref Utf8JsonReader r) => Null(ref r) ? default : IntOrStringValue(ref r);

    public static IntOrString? IntOrStringOrNull(ref Utf8JsonReader r) => Null(ref r) ? default(IntOrString?) : IntOrStringValue(ref r);

    public static IntOrString IntOrStringValue(ref Utf8JsonReader r) => r.TokenType == JsonTokenType.String ? r.GetString()! : Int32Value(ref r);

    public static IReadOnlyList<string> StringsValue(ref Utf8JsonReader r) => ListValue<string>(ref r, StringValue);

    public static IReadOnlyList<T> List<T>(ref Utf8JsonReader r, ReadValue<T> read) => Null(ref r) ? [] : ListValue(ref r, read);

    public static IReadOnlyDictionary<string, T> Map<T>(ref Utf8JsonReader r, ReadValue<T> read)
    {
        r.Read();
        if (!StartObject(ref r))
        {
            return EmptyMap<T>();
        }

        Dictionary<string, T>? map = null;
        while (r.Read() && r.TokenType != JsonTokenType.EndObject)
        {
            var key = r.GetString()!;
            r.Read();
            map ??= new Dictionary<string, T>(StringComparer.Ordinal);
            map[key] = read(ref r);
        }

        return map ?? EmptyMap<T>();
    }

    private static IReadOnlyList<T> ListValue<T>(ref Utf8JsonReader r, ReadValue<T> read)
    {
        if (r.TokenType != JsonTokenType.StartArray)
        {
            throw Wrong(ref r, "an array");
        }

        List<T>? list = null;
        while (r.Read() && r.TokenType != JsonTokenType.EndArray)
        {
            list ??= [];
            list.Add(read(ref r));
        }

        return list is null ? [] : list.ToArray();
    }

    private static JsonException Wrong(ref Utf8JsonReader r, string expected) => new($"expected {expected}, got {r.TokenType} at byte {r.TokenStartIndex}");
}
