namespace Kobune.Cel.Syntax;

/// <summary>Cuts a text into tokens. What is no token is reported and left out, as cel-go's generated lexer does.</summary>
internal sealed class CelLexer(CelSource source, CelIssueSink issues)
{
    private static readonly string[] Symbols =
        ["==", "!=", "<=", ">=", "&&", "||", "[", "]", "{", "}", "(", ")", ".", ",", "-", "!", "?", ":", "+", "*", "/", "%", "<", ">"];

    private readonly List<CelToken> _tokens = [];
    private int _at;

    public List<CelToken> Run()
    {
        while (_at < source.Length)
        {
            var c = source[_at];
            if (c is ' ' or '\t' or '\r' or '\n' or '\f')
            {
                _at++;
            }
            else if (c == '/' && source[_at + 1] == '/')
            {
                while (_at < source.Length && source[_at] != '\n')
                {
                    _at++;
                }
            }
            else
            {
                Token(c);
            }
        }

        _tokens.Add(new(CelTokenKind.End, "<EOF>", source.Length));
        return _tokens;
    }

    internal static bool IsLetter(int c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '_';

    internal static bool IsDigit(int c) => c is >= '0' and <= '9';

    internal static bool IsHex(int c) => IsDigit(c) || c is (>= 'a' and <= 'f') or (>= 'A' and <= 'F');

    private void Token(int c)
    {
        if (StringStart() is { } prefix)
        {
            String(prefix);
        }
        else if (IsDigit(c) || (c == '.' && IsDigit(source[_at + 1])))
        {
            Number();
        }
        else if (IsLetter(c))
        {
            var end = _at;
            while (IsLetter(source[end]) || IsDigit(source[end]))
            {
                end++;
            }

            Emit(CelTokenKind.Identifier, end);
        }
        else if (c == '`' && EscapedEnd() is { } escaped)
        {
            Emit(CelTokenKind.EscapedIdentifier, escaped);
        }
        else if (Array.Find(Symbols, s => source[_at] == s[0] && (s.Length == 1 || source[_at + 1] == s[1])) is { } symbol)
        {
            Emit(CelTokenKind.Symbol, _at + symbol.Length);
        }
        else
        {
            // A lone '=', '&' or '|' is read with the character behind it, as the generated automaton does.
            var end = c is '&' or '|' && _at + 1 < source.Length ? _at + 2 : _at + 1;
            Refuse(end);
        }
    }

    private void Emit(CelTokenKind kind, int end)
    {
        _tokens.Add(new(kind, source.Slice(_at, end), _at));
        _at = end;
    }

    private void Refuse(int end)
    {
        issues.Add(_at, $"Syntax error: token recognition error at: '{Show(source.Slice(_at, Math.Min(end, source.Length)))}'");
        _at = end;
    }

    private static string Show(string text) => text.Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal);

    private int? EscapedEnd()
    {
        var end = _at + 1;
        while (IsLetter(source[end]) || IsDigit(source[end]) || source[end] is '.' or '-' or '/' or ' ')
        {
            end++;
        }

        return source[end] == '`' && end > _at + 1 ? end + 1 : null;
    }

    private void Number()
    {
        var end = _at;
        if (source[_at] == '0' && source[_at + 1] is 'x' && IsHex(source[_at + 2]))
        {
            end += 2;
            while (IsHex(source[end]))
            {
                end++;
            }

            Integer(end);
            return;
        }

        end = Digits(end);
        var isDouble = false;
        if (source[end] == '.' && IsDigit(source[end + 1]))
        {
            isDouble = true;
            end = Digits(end + 1);
        }

        if (source[end] is 'e' or 'E')
        {
            var exponent = source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (IsDigit(source[exponent]))
            {
                isDouble = true;
                end = Digits(exponent);
            }
        }

        if (isDouble)
        {
            Emit(CelTokenKind.Double, end);
        }
        else
        {
            Integer(end);
        }
    }

    private void Integer(int end)
    {
        var isUint = source[end] is 'u' or 'U';
        Emit(isUint ? CelTokenKind.Uint : CelTokenKind.Int, isUint ? end + 1 : end);
    }

    private int Digits(int at)
    {
        while (IsDigit(source[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>How many letters come before the quote of a string here; null when none begins.</summary>
    private int? StringStart()
    {
        for (var i = 0; i < 3; i++)
        {
            switch (source[_at + i])
            {
                case '"' or '\'':
                    return i;
                case not ('r' or 'R' or 'b' or 'B'):
                    return null;
                case var letter when i == 1 && (letter | 0x20) == (source[_at] | 0x20):
                    return null;
            }
        }

        return null;
    }

    private void String(int prefix)
    {
        var letters = source.Slice(_at, _at + prefix);
        var isRaw = letters.Contains('r', StringComparison.OrdinalIgnoreCase);
        var quote = source[_at + prefix];
        var isTriple = source[_at + prefix + 1] == quote && source[_at + prefix + 2] == quote;
        var at = _at + prefix + (isTriple ? 3 : 1);
        while (true)
        {
            var c = source[at];
            if (c == -1 || (!isTriple && c is '\n' or '\r'))
            {
                Refuse(c == -1 ? at : at + 1);
                return;
            }

            if (c == quote && (!isTriple || (source[at + 1] == quote && source[at + 2] == quote)))
            {
                Emit(letters.Contains('b', StringComparison.OrdinalIgnoreCase) ? CelTokenKind.Bytes : CelTokenKind.String, at + (isTriple ? 3 : 1));
                return;
            }

            var length = c == '\\' && !isRaw ? EscapeLength(at) : 1;
            if (length < 0)
            {
                Refuse(at - length);
                return;
            }

            at += length;
        }
    }

    /// <summary>The length of an escape; negative (how far the automaton got) when it is none.</summary>
    private int EscapeLength(int at)
    {
        var c = source[at + 1];
        var (from, digits) = c switch
        {
            'a' or 'b' or 'f' or 'n' or 'r' or 't' or 'v' or '"' or '\'' or '\\' or '?' or '`' => (2, 0),
            'x' or 'X' => (2, 2),
            'u' => (2, 4),
            'U' => (2, 8),
            >= '0' and <= '3' => (1, 3),
            _ => (-1, 0),
        };
        if (from < 0)
        {
            return -2;
        }

        for (var i = 0; i < digits; i++)
        {
            var d = source[at + from + i];
            if (!(from == 1 ? d is >= '0' and <= '7' : IsHex(d)))
            {
                return -(from + i + 1);
            }
        }

        return from + digits;
    }
}
