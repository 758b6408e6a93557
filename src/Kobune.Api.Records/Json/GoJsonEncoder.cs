using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;

namespace Kobune.Api.Json;

/// <summary>Escapes exactly what Go's encoding/json escapes: quotes, backslash, control characters, &lt; &gt; &amp; and U+2028, U+2029. All other text stays UTF-8.</summary>
internal sealed class GoJsonEncoder : JavaScriptEncoder
{
    public static readonly GoJsonEncoder Instance = new();

    // Only ASCII goes into these sets: others are slow to search for, and slow to build at start-up.
    private static readonly SearchValues<char> PlainChars = SearchValues.Create(
        " !#$%'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~\u007f");

    private static readonly SearchValues<byte> EscapedBytes = SearchValues.Create(
        "\0\u0001\u0002\u0003\u0004\u0005\u0006\a\b\t\n\v\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\"\\<>&"u8);

    public override int MaxOutputCharactersPerInputCharacter => 6;

    // The base class gives no other way than pointers.
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var span = new ReadOnlySpan<char>(text, textLength);
        var at = span.IndexOfAnyExcept(PlainChars);
        if (at < 0 || char.IsAscii(span[at]))
        {
            return at;
        }

        for (; at < span.Length; at++)
        {
            var c = span[at];
            if (char.IsHighSurrogate(c) && at + 1 < span.Length && char.IsLowSurrogate(span[at + 1]))
            {
                at++;
            }
            else if (char.IsSurrogate(c) || WillEncode(c))
            {
                return at; // a lone surrogate is replaced by the base class
            }
        }

        return -1;
    }

    public override int FindFirstCharacterToEncodeUtf8(ReadOnlySpan<byte> utf8Text)
    {
        var at = utf8Text.IndexOfAny(EscapedBytes);
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
