using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;

namespace Kobune.Api.Json;

/// <summary>Escapes exactly what Go's encoding/json escapes: quotes, backslash, control characters, &lt; &gt; &amp; and U+2028, U+2029. All other text stays UTF-8.</summary>
internal sealed class GoJsonEncoder : JavaScriptEncoder
{
    public static readonly GoJsonEncoder Instance = new();

    private const string Escaped = "\0\u0001\u0002\u0003\u0004\u0005\u0006\a\b\t\n\v\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\"\\<>&";

    // Surrogates are looked at one by one, so that a lone one is replaced by the base class.
    private static readonly SearchValues<char> Chars = SearchValues.Create(Escaped + "\u2028\u2029" + string.Concat(Enumerable.Range(0xD800, 0x800).Select(c => (char)c)));

    // 0xE2 starts U+2028 and U+2029; what it starts otherwise is passed on by TryEncodeUnicodeScalar's caller.
    private static readonly SearchValues<byte> Bytes = SearchValues.Create([.. Escaped.Select(c => (byte)c)]);

    public override int MaxOutputCharactersPerInputCharacter => 6;

    // The base class gives no other way than pointers.
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var span = new ReadOnlySpan<char>(text, textLength);
        var from = 0;
        while (true)
        {
            var at = span[from..].IndexOfAny(Chars);
            if (at < 0)
            {
                return -1;
            }

            at += from;
            if (!char.IsHighSurrogate(span[at]) || at + 1 >= span.Length || !char.IsLowSurrogate(span[at + 1]))
            {
                return at;
            }

            from = at + 2;
        }
    }

    public override int FindFirstCharacterToEncodeUtf8(ReadOnlySpan<byte> utf8Text)
    {
        var at = utf8Text.IndexOfAny(Bytes);
        var separator = utf8Text.IndexOf("\u2028"u8[..2]); // U+2028, U+2029 share it with a few others, which are then encoded as themselves
        return at < 0 ? separator : separator < 0 ? at : Math.Min(at, separator);
    }

    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var text = unicodeScalar switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\b' => "\\b",
            '\f' => "\\f",
            _ => "\\u" + unicodeScalar.ToString("x4", CultureInfo.InvariantCulture),
        };
        var fits = text.AsSpan().TryCopyTo(new Span<char>(buffer, bufferLength));
        numberOfCharactersWritten = fits ? text.Length : 0;
        return fits;
    }

    public override bool WillEncode(int unicodeScalar) => unicodeScalar is < 0x20 or '"' or '\\' or '<' or '>' or '&' or 0x2028 or 0x2029;
}
