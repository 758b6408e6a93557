using System.Text.Json;

namespace Kobune.Api.Json;

/// <summary>What generated writers are made of. A method writes a property; without <c>always</c> it leaves out what Go's omitempty leaves out.</summary>
internal static class JsonWrite
{
    public static void TypeMeta(Utf8JsonWriter w, string kind, string apiVersion)
    {
        String(w, "kind"u8, kind);
        String(w, "apiVersion"u8, apiVersion);
    }

    public static void String(Utf8JsonWriter w, ReadOnlySpan<byte> name, string value, bool always = false)
    {
        if (always || value.Length > 0)
        {
            w.WriteString(name, value);
        }
    }

    public static void StringOrNull(Utf8JsonWriter w, ReadOnlySpan<byte> name, string? value, bool always = false)
    {
        if (always || value is not null)
        {
            w.WriteString(name, value);
        }
    }

    public static void Duration(Utf8JsonWriter w, ReadOnlySpan<byte> name, string value, bool always = false)
    {
        if (always || value.Length > 0)
        {
            w.WriteString(name, value.Length == 0 ? "0s" : value);
        }
    }

    public static void DurationOrNull(Utf8JsonWriter w, ReadOnlySpan<byte> name, string? value, bool always = false) => StringOrNull(w, name, value, always);

    public static void Bool(Utf8JsonWriter w, ReadOnlySpan<byte> name, bool value, bool always = false)
    {
        if (always || value)
        {
            w.WriteBoolean(name, value);
        }
    }

    public static void BoolOrNull(Utf8JsonWriter w, ReadOnlySpan<byte> name, bool? value, bool always = false)
    {
        if (value is { } some)
        {
            w.WriteBoolean(name, some);
        }
        else if (always)
        {
            w.WriteNull(name);
        }
    }

    public static void Int32(Utf8JsonWriter w, ReadOnlySpan<byte> name, int value, bool always = false) => Int64(w, name, value, always);

    public static void Int32OrNull(Utf8JsonWriter w, ReadOnlySpan<byte> name, int? value, bool always = false) => Int64OrNull(w, name, value, always);

    public static void Int64(Utf8JsonWriter w, ReadOnlySpan<byte> name, long value, bool always = false)
    {
        if (always || value != 0)
        {
            w.WriteNumber(name, value);
        }
    }

    public static void Int64OrNull(Utf8JsonWriter w, ReadOnlySpan<byte> name, long? value, bool always = false)
    {
        if (value is { } some)
        {
            w.WriteNumber(name, some);
        }
        else if (always)
        {
            w.WriteNull(name);
        }
    }

    public static void DoubleOrNull(Utf8JsonWriter w, ReadOnlySpan<byte> name, double? value, bool always = false)
    {
        if (value is { } some)
        {
            w.WriteNumber(name, some);
        }
        else if (always)
        {
            w.WriteNull(name);
        }
    }

    public static void Bytes(Utf8JsonWriter w, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value, bool always = false)
    {
        if (!value.IsEmpty)
        {
            w.WriteBase64String(name, value.Span);
        }
        else if (always)
        {
            w.WriteNull(name);
        }
    }

    public static void Json(Utf8JsonWriter w, ReadOnlySpan<byte> name, JsonElement? value, bool always = false)
    {
        if (value is { ValueKind: not JsonValueKind.Undefined } some)
        {
            w.WritePropertyName(name);
            some.WriteTo(w);
        }
        else if (always)
        {
            w.WriteNull(name);
        }
    }

    public static void Time(Utf8JsonWriter w, ReadOnlySpan<byte> name, DateTimeOffset? value, bool always = false) => WriteTime(w, name, value, always, TimeText.Seconds);

    public static void MicroTime(Utf8JsonWriter w, ReadOnlySpan<byte> name, DateTimeOffset? value, bool always = false) => WriteTime(w, name, value, always, TimeText.Microseconds);

    public static void Quantity(Utf8JsonWriter w, ReadOnlySpan<byte> name, Quantity value, bool always = false) => QuantityOrNull(w, name, value, always);

    public static void QuantityOrNull(Utf8JsonWriter w, ReadOnlySpan<byte> name, Quantity? value, bool always = false) => StringOrNull(w, name, value?.ToString(), always);

    public static void IntOrString(Utf8JsonWriter w, ReadOnlySpan<byte> name, IntOrString value, bool always = false) => IntOrStringOrNull(w, name, value, always);

    public static void IntOrStringOrNull(Utf8JsonWriter w, ReadOnlySpan<byte> name, IntOrString? value, bool always = false)
    {
        if (value is { } some)
        {
            w.WritePropertyName(name);
            IntOrStringValue(w, some);
        }
        else if (always)
        {
            w.WriteNull(name);
        }
    }

    public static void Record(Utf8JsonWriter w, ReadOnlySpan<byte> name, IJsonWritable? value, bool always = false)
    {
        if (value is not null)
        {
            w.WritePropertyName(name);
            value.WriteJson(w);
        }
        else if (always)
        {
            w.WriteNull(name);
        }
    }

    public static void Records(Utf8JsonWriter w, ReadOnlySpan<byte> name, IReadOnlyList<IJsonWritable> values, bool always = false)
    {
        var count = values.Count;
        if (count == 0 && !always)
        {
            return;
        }

        w.WriteStartArray(name);
        for (var i = 0; i < count; i++)
        {
            values[i].WriteJson(w);
        }

        w.WriteEndArray();
    }

    public static void List<T>(Utf8JsonWriter w, ReadOnlySpan<byte> name, IReadOnlyList<T> values, Action<Utf8JsonWriter, T> write, bool always = false)
    {
        var count = values.Count;
        if (count == 0 && !always)
        {
            return;
        }

        w.WriteStartArray(name);
        for (var i = 0; i < count; i++)
        {
            write(w, values[i]);
        }

        w.WriteEndArray();
    }

    /// <summary>Keys are sorted, as Go sorts them.</summary>
    public static void Map<T>(Utf8JsonWriter w, ReadOnlySpan<byte> name, IReadOnlyDictionary<string, T> values, Action<Utf8JsonWriter, T> write, bool always = false)
    {
        if (values.Count == 0 && !always)
        {
            return;
        }

        w.WriteStartObject(name);
        if (values.Count == 1)
        {
            foreach (var (key, value) in values)
            {
                w.WritePropertyName(key);
                write(w, value);
            }
        }
        else if (values.Count > 1)
        {
            var keys = values.Keys.ToArray();
            Array.Sort(keys, StringComparer.Ordinal);
            foreach (var key in keys)
            {
                w.WritePropertyName(key);
                write(w, values[key]);
            }
        }

        w.WriteEndObject();
    }

    public static void RecordValue(Utf8JsonWriter w, IJsonWritable value) => value.WriteJson(w);

    public static void StringValue(Utf8JsonWriter w, string value) => w.WriteStringValue(value);

    public static void BoolValue(Utf8JsonWriter w, bool value) => w.WriteBooleanValue(value);

    public static void Int32Value(Utf8JsonWriter w, int value) => w.WriteNumberValue(value);

    public static void Int64Value(Utf8JsonWriter w, long value) => w.WriteNumberValue(value);

    public static void BytesValue(Utf8JsonWriter w, ReadOnlyMemory<byte> value) => w.WriteBase64StringValue(value.Span);

    public static void QuantityValue(Utf8JsonWriter w, Quantity value) => w.WriteStringValue(value.ToString());

    public static void TimeValue(Utf8JsonWriter w, DateTimeOffset value)
    {
        if (value == default)
        {
            w.WriteNullValue();
            return;
        }

        Span<byte> text = stackalloc byte[TimeText.MaxLength];
        w.WriteStringValue(text[..TimeText.Format(value, TimeText.Seconds, text)]);
    }

    public static void JsonValue(Utf8JsonWriter w, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            w.WriteNullValue();
        }
        else
        {
            value.WriteTo(w);
        }
    }

    public static void StringsValue(Utf8JsonWriter w, IReadOnlyList<string> values)
    {
        w.WriteStartArray();
        foreach (var value in values)
        {
            w.WriteStringValue(value);
        }

        w.WriteEndArray();
    }

    public static void IntOrStringValue(Utf8JsonWriter w, IntOrString value)
    {
        if (value.IsString)
        {
            w.WriteStringValue(value.StringValue);
        }
        else
        {
            w.WriteNumberValue(value.IntValue);
        }
    }

    private static void WriteTime(Utf8JsonWriter w, ReadOnlySpan<byte> name, DateTimeOffset? value, bool always, int digits)
    {
        if (value is { } some)
        {
            Span<byte> text = stackalloc byte[TimeText.MaxLength];
            w.WriteString(name, text[..TimeText.Format(some, digits, text)]);
        }
        else if (always)
        {
            w.WriteNull(name);
        }
    }
}
