namespace Kobune.Api.Schema;

/// <summary>Escapes of half a character ("\ud800" alone) in JSON. Go's decoder reads U+FFFD for them, .NET's refuses to give the text out.</summary>
internal static class LoneSurrogates
{
    private const int EscapeLength = 6;

    /// <summary>The same JSON with U+FFFD in their places; the bytes themselves when there are none.</summary>
    public static ReadOnlySpan<byte> Replace(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0)
        {
            return json;
        }

        byte[]? mended = null;
        for (var at = 0; at < json.Length - 1; at++)
        {
            if (json[at] != (byte)'\\')
            {
                continue;
            }

            var half = HalfAt(json, at);
            if (half == Half.High && HalfAt(json, at + EscapeLength) == Half.Low)
            {
                at += (2 * EscapeLength) - 1;
            }
            else if (half != Half.None)
            {
                mended ??= json.ToArray();
                "fffd"u8.CopyTo(mended.AsSpan(at + 2));
                at += EscapeLength - 1;
            }
            else
            {
                at++; // whatever is escaped
            }
        }

        return mended ?? json;
    }

    private static Half HalfAt(ReadOnlySpan<byte> json, int at)
    {
        if (at + EscapeLength > json.Length || json[at] != (byte)'\\' || json[at + 1] != (byte)'u' || json[at + 2] is not ((byte)'d' or (byte)'D')
            || !char.IsAsciiHexDigit((char)json[at + 4]) || !char.IsAsciiHexDigit((char)json[at + 5]))
        {
            return Half.None;
        }

        return (char)json[at + 3] switch
        {
            '8' or '9' or 'a' or 'b' or 'A' or 'B' => Half.High,
            (>= 'c' and <= 'f') or (>= 'C' and <= 'F') => Half.Low,
            _ => Half.None,
        };
    }

    private enum Half
    {
        None,
        High,
        Low,
    }
}
