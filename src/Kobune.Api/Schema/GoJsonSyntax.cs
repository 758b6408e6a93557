using System.Globalization;
using System.Text;

namespace Kobune.Api.Schema;

/// <summary>Says what is wrong with a text that is not JSON, in the words of Go's scanner, which clients show. Runs only when a text was refused.</summary>
internal ref struct GoJsonSyntax
{
    private const int MaxDepth = Json.JsonText.MaxDepth;
    private readonly ReadOnlySpan<byte> _json;
    private int _at;

    private GoJsonSyntax(ReadOnlySpan<byte> json)
    {
        _json = json;
    }

    /// <summary>The error of the first byte that does not fit.</summary>
    public static string Explain(ReadOnlySpan<byte> json)
    {
        var syntax = new GoJsonSyntax(json);
        return syntax.Value(0) ?? syntax.End() ?? "invalid JSON";
    }

    private string? End()
    {
        Space();
        return _at < _json.Length ? Invalid("after top-level value") : null;
    }

    private string? Value(int depth)
    {
        Space();
        if (depth > MaxDepth)
        {
            return "exceeded max depth";
        }

        if (_at >= _json.Length)
        {
            return "unexpected end of JSON input";
        }

        return _json[_at] switch
        {
            (byte)'{' => Object(depth),
            (byte)'[' => Array(depth),
            (byte)'"' => String(),
            (byte)'t' => Literal("true"),
            (byte)'f' => Literal("false"),
            (byte)'n' => Literal("null"),
            (byte)'-' or (>= (byte)'0' and <= (byte)'9') => Number(),
            _ => Invalid("looking for beginning of value"),
        };
    }

    private string? Object(int depth)
    {
        _at++;
        Space();
        if (Take('}'))
        {
            return null;
        }

        while (true)
        {
            Space();
            if (Peek() != '"')
            {
                return Invalid("looking for beginning of object key string");
            }

            if (String() is { } key)
            {
                return key;
            }

            Space();
            if (!Take(':'))
            {
                return Invalid("after object key");
            }

            if (Value(depth + 1) is { } value)
            {
                return value;
            }

            Space();
            if (Take('}'))
            {
                return null;
            }

            if (!Take(','))
            {
                return Invalid("after object key:value pair");
            }
        }
    }

    private string? Array(int depth)
    {
        _at++;
        Space();
        if (Take(']'))
        {
            return null;
        }

        while (true)
        {
            if (Value(depth + 1) is { } value)
            {
                return value;
            }

            Space();
            if (Take(']'))
            {
                return null;
            }

            if (!Take(','))
            {
                return Invalid("after array element");
            }
        }
    }

    private string? String()
    {
        for (_at++; _at < _json.Length; _at++)
        {
            switch (_json[_at])
            {
                case (byte)'"':
                    _at++;
                    return null;
                case (byte)'\\':
                    _at++;
                    if (Peek() == 'u')
                    {
                        for (var digit = 0; digit < 4; digit++)
                        {
                            _at++;
                            if (!char.IsAsciiHexDigit(Peek()))
                            {
                                return Invalid("in \\u hexadecimal character escape");
                            }
                        }
                    }
                    else if (!"\"\\/bfnrt".Contains(Peek(), StringComparison.Ordinal))
                    {
                        return Invalid("in string escape code");
                    }

                    break;
                case < 0x20: return Invalid("in string literal");
            }
        }

        return Invalid("");
    }

    private string? Literal(string word)
    {
        for (var i = 1; i < word.Length; i++)
        {
            _at++;
            if (Peek() != word[i])
            {
                return Invalid($"in literal {word} (expecting '{word[i]}')");
            }
        }

        _at++;
        return null;
    }

    private string? Number()
    {
        Take('-');
        if (!Take('0') && !Digits())
        {
            return Invalid("in numeric literal");
        }

        if (Take('.') && !Digits())
        {
            return Invalid("after decimal point in numeric literal");
        }

        if (Peek() is 'e' or 'E')
        {
            _at++;
            if (!Take('+'))
            {
                Take('-');
            }

            if (!Digits())
            {
                return Invalid("in exponent of numeric literal");
            }
        }

        return null;
    }

    private bool Digits()
    {
        var start = _at;
        while (char.IsAsciiDigit(Peek()))
        {
            _at++;
        }

        return _at > start;
    }

    private void Space()
    {
        while (Peek() is ' ' or '\t' or '\r' or '\n')
        {
            _at++;
        }
    }

    private bool Take(char c)
    {
        var taken = Peek() == c;
        _at += taken ? 1 : 0;
        return taken;
    }

    /// <summary>The byte here; U+FFFF at the end.</summary>
    private readonly char Peek() => _at < _json.Length ? (char)_json[_at] : '\uFFFF';

    private readonly string Invalid(string where)
    {
        if (_at >= _json.Length)
        {
            return "unexpected end of JSON input";
        }

        Rune.DecodeFromUtf8(_json[_at..], out var rune, out _);
        var shown = rune.Value switch
        {
            '\'' => @"'\''",
            '"' => "'\"'",
            '\n' => @"'\n'",
            '\r' => @"'\r'",
            '\t' => @"'\t'",
            < 0x20 => string.Create(CultureInfo.InvariantCulture, $@"'\x{rune.Value:x2}'"),
            _ => $"'{rune}'",
        };
        return $"invalid character {shown} {where}";
    }
}
