using System.Text.Json;

namespace Kobune.Api.Json;

/// <summary>Comparison of what records hold, by content.</summary>
internal static class DeepEquality
{
    public static bool Lists<T>(IReadOnlyList<T> a, IReadOnlyList<T> b) => Lists(a, b, EqualityComparer<T>.Default.Equals);

    public static bool Lists<T>(IReadOnlyList<T> a, IReadOnlyList<T> b, Func<T, T, bool> equal)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }

        var count = a.Count;
        if (count != b.Count)
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            if (!equal(a[i], b[i]))
            {
                return false;
            }
        }

        return true;
    }

    public static bool Maps<T>(IReadOnlyDictionary<string, T> a, IReadOnlyDictionary<string, T> b) => Maps(a, b, EqualityComparer<T>.Default.Equals);

    public static bool Maps<T>(IReadOnlyDictionary<string, T> a, IReadOnlyDictionary<string, T> b, Func<T, T, bool> equal)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }

        if (a.Count != b.Count)
        {
            return false;
        }

        foreach (var (key, value) in a)
        {
            if (!b.TryGetValue(key, out var other) || !equal(value, other))
            {
                return false;
            }
        }

        return true;
    }

    public static bool Bytes(ReadOnlyMemory<byte> a, ReadOnlyMemory<byte> b) => a.Span.SequenceEqual(b.Span);

    public static bool Json(JsonElement? a, JsonElement? b) => a is null || b is null ? a is null && b is null : Json(a.Value, b.Value);

    public static bool Json(JsonElement a, JsonElement b) =>
        a.ValueKind == JsonValueKind.Undefined || b.ValueKind == JsonValueKind.Undefined ? a.ValueKind == b.ValueKind : JsonElement.DeepEquals(a, b);
}
