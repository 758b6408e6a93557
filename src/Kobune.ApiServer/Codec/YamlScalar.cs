using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Kobune.ApiServer.Codec;

/// <summary>What a YAML scalar is, by go-yaml's table: null, flags in all their spellings, numbers with bases and underscores; everything else is text.</summary>
internal static partial class YamlScalar
{
    public static void Write(Utf8JsonWriter writer, Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any) || scalar.Tag is { IsEmpty: false, Value: "tag:yaml.org,2002:str" })
        {
            writer.WriteStringValue(text);
            return;
        }

        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                writer.WriteNullValue();
                return;
            case "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                writer.WriteBooleanValue(true);
                return;
            case "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                writer.WriteBooleanValue(false);
                return;
            default:
                Number(writer, text);
                return;
        }
    }

    /// <summary>A key as JSON has it: numbers and flags become their text.</summary>
    public static string Key(Scalar scalar)
    {
        if (scalar.Style != ScalarStyle.Plain)
        {
            return scalar.Value;
        }

        return scalar.Value switch
        {
            "y" or "Y" or "yes" or "Yes" or "YES" or "True" or "TRUE" or "on" or "On" or "ON" => "true",
            "n" or "N" or "no" or "No" or "NO" or "False" or "FALSE" or "off" or "Off" or "OFF" => "false",
            var text => text,
        };
    }

    /// <summary>Whether a plain scalar of this text would be read back as text.</summary>
    public static bool IsPlainText(string text)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, new Scalar(AnchorName.Empty, TagName.Empty, text, ScalarStyle.Plain, true, false));
        }

        return buffer.WrittenSpan[0] == '"' && !text.Contains('\t', StringComparison.Ordinal) && !OtherForm().IsMatch(text);
    }

    private static void Number(Utf8JsonWriter writer, string text)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        if (text[0] is not ((>= '0' and <= '9') or '-' or '+' or '.') || plain.Length == 0)
        {
            writer.WriteStringValue(text);
        }
        else if (Integer(plain) is { } number)
        {
            writer.WriteRawValue(number.ToString(CultureInfo.InvariantCulture));
        }
        else if (Float().IsMatch(plain) && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real))
        {
            writer.WriteNumberValue(real);
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }

    /// <summary>Go's ParseInt with base 0: 0x, 0o, 0b, a leading 0 for octal; 64 bits, unsigned included.</summary>
    private static BigInteger? Integer(string text)
    {
        var negative = text[0] == '-';
        var digits = text.TrimStart('-', '+');
        if (digits.Length == 0 || text.Length - digits.Length > 1)
        {
            return null;
        }

        var (radix, rest) = digits switch
        {
            ['0', 'x' or 'X', .. var hex] => (16, hex),
            ['0', 'b' or 'B', .. var binary] => (2, binary),
            ['0', 'o' or 'O', .. var octal] => (8, octal),
            ['0', _, ..] => (8, digits[1..]),
            _ => (10, digits),
        };
        BigInteger value = 0;
        foreach (var c in rest)
        {
            var digit = char.IsAsciiHexDigit(c) ? System.Convert.ToInt32(c.ToString(), 16) : 99;
            if (digit >= radix)
            {
                return null;
            }

            value = (value * radix) + digit;
        }

        value = negative ? -value : value;
        return rest.Length > 0 && value >= long.MinValue && value <= ulong.MaxValue ? value : null;
    }

    /// <summary>What go-yaml quotes beside, since it is a time, a number in base 60, or one that is none for others.</summary>
    [GeneratedRegex(@"\A([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?)?|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)\z")]
    private static partial Regex OtherForm();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Float();
}
