using System.Globalization;
using System.Text;
using Kobune.Cel.Values;

namespace Kobune.Cel.Syntax;

/// <summary>Values of tokens.</summary>
internal static class CelLiterals
{
    public static CelValue? Int(string text, bool negative)
    {
        var isHex = text.StartsWith("0x", StringComparison.Ordinal);
        if (!ulong.TryParse(isHex ? text.AsSpan(2) : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return null;
        }

        return negative
            ? value <= (ulong)long.MaxValue + 1 ? CelInt.Of(unchecked(-(long)value)) : null
            : value <= long.MaxValue ? CelInt.Of((long)value) : null;
    }

    public static CelValue? Uint(string text)
    {
        var digits = text[..^1];
        var isHex = digits.StartsWith("0x", StringComparison.Ordinal);
        return ulong.TryParse(isHex ? digits.AsSpan(2) : digits, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? new CelUint(value)
            : null;
    }

    public static CelValue? Double(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? new CelDouble(value) : null;

    /// <summary>The value of a string or bytes token, or null with the reason in <paramref name="problem"/>.</summary>
    public static CelValue? Text(string token, bool isBytes, out string problem)
    {
        problem = "";
        var prefix = token.IndexOfAny(['"', '\'']);
        var isRaw = token.AsSpan(0, prefix).IndexOfAny('r', 'R') >= 0;
        var quote = token[prefix];
        var width = token.Length - prefix >= 6 && token[prefix + 1] == quote && token[prefix + 2] == quote ? 3 : 1;
        var body = token[(prefix + width)..^width].Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        using var octets = new MemoryStream();
        for (var i = 0; i < body.Length;)
        {
            if (body[i] != '\\' || isRaw)
            {
                var length = char.IsHighSurrogate(body[i]) && i + 1 < body.Length ? 2 : 1;
                octets.Write(Encoding.UTF8.GetBytes(body.Substring(i, length)));
                i += length;
            }
            else if (!Escape(body, ref i, octets, isBytes))
            {
                problem = isBytes ? "unable to unescape string" : "invalid unicode code point";
                return null;
            }
        }

        return isBytes ? new CelBytes(octets.ToArray()) : new CelString(Encoding.UTF8.GetString(octets.GetBuffer(), 0, (int)octets.Length));
    }

    /// <summary>In text an octal or hexadecimal escape is a code point, in bytes it is an octet.</summary>
    private static bool Escape(string body, ref int at, MemoryStream octets, bool isBytes)
    {
        var c = body[at + 1];
        var simple = "abfnrtv\"'\\?`".IndexOf(c, StringComparison.Ordinal);
        if (simple >= 0)
        {
            octets.WriteByte((byte)"\a\b\f\n\r\t\v\"'\\?`"[simple]);
            at += 2;
            return true;
        }

        var (from, digits, radix) = c switch
        {
            'x' or 'X' => (2, 2, 16),
            'u' => (2, 4, 16),
            'U' => (2, 8, 16),
            _ => (1, 3, 8),
        };
        var code = Convert.ToUInt32(body.Substring(at + from, digits), radix);
        at += from + digits;
        if (isBytes)
        {
            octets.WriteByte((byte)code);
            return digits <= 3;
        }

        if (!Rune.IsValid(code))
        {
            return false;
        }

        octets.Write(Encoding.UTF8.GetBytes(new Rune(code).ToString()));
        return true;
    }
}
