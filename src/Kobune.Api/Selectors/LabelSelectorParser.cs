using Kobune.Api.Validation;

namespace Kobune.Api.Selectors;

/// <summary>Recursive descent over upstream's grammar: requirement (',' requirement)*, with '!', '=', '==', '!=', 'in', 'notin', '&lt;', '&gt;'.</summary>
internal sealed class LabelSelectorParser(string text)
{
    private int _position;

    public List<LabelRequirement> Parse()
    {
        var requirements = new List<LabelRequirement>();
        while (true)
        {
            var (kind, literal) = Peek();
            switch (kind)
            {
                case Token.Identifier or Token.Not:
                    requirements.Add(Whole());
                    var (next, nextLiteral) = Take();
                    switch (next)
                    {
                        case Token.End:
                            return requirements;
                        case Token.Comma when Peek().Kind is Token.Identifier or Token.Not:
                            break;
                        case Token.Comma:
                            throw new FormatException($"found '{Peek().Literal}', expected: identifier after ','");
                        default:
                            throw new FormatException($"found '{nextLiteral}', expected: ',' or 'end of string'");
                    }

                    break;
                case Token.End:
                    return requirements;
                default:
                    throw new FormatException($"found '{literal}', expected: !, identifier, or 'end of string'");
            }
        }
    }

    private LabelRequirement Whole()
    {
        try
        {
            return Requirement();
        }
        catch (FormatException e)
        {
            throw new FormatException($"unable to parse requirement: {e.Message}");
        }
    }

    private LabelRequirement Requirement()
    {
        var negated = false;
        var (kind, literal) = Take();
        if (kind == Token.Not)
        {
            negated = true;
            (kind, literal) = Take();
        }

        if (kind != Token.Identifier)
        {
            throw new FormatException($"found '{literal}', expected: identifier");
        }

        var key = literal;
        if (NameValidation.QualifiedName(key) is { Count: > 0 } problems)
        {
            throw new FormatException($"<nil>: Invalid value: {GoQuote.Of(key)}: {string.Join("; ", problems)}"); // upstream has no path at this place, and says so
        }

        if (negated)
        {
            return Selector.Checked(key, SelectorOperator.DoesNotExist, []);
        }

        if (Peek().Kind is Token.End or Token.Comma)
        {
            return Selector.Checked(key, SelectorOperator.Exists, []);
        }

        var (opKind, opLiteral) = Take();
        var op = (opKind, opLiteral) switch
        {
            (Token.Operator, "=" or "==") => SelectorOperator.Equal,
            (Token.Operator, "!=") => SelectorOperator.NotEqual,
            (Token.Operator, ">") => SelectorOperator.GreaterThan,
            (Token.Operator, "<") => SelectorOperator.LessThan,
            (Token.Identifier, "in") => SelectorOperator.In,
            (Token.Identifier, "notin") => SelectorOperator.NotIn,
            _ => throw new FormatException($"found '{opLiteral}', expected: in, notin, =, ==, !=, gt, lt"),
        };
        var values = op is SelectorOperator.In or SelectorOperator.NotIn ? Set() : [Exact()];
        return Selector.Checked(key, op, values);
    }

    private List<string> Set()
    {
        var (open, literal) = Take();
        if (open != Token.Open)
        {
            throw new FormatException($"found '{literal}' expected: '('");
        }

        var values = new SortedSet<string>(StringComparer.Ordinal);
        while (true)
        {
            switch (Peek().Kind)
            {
                case Token.Identifier:
                    values.Add(Take().Literal);
                    break;
                case Token.Comma or Token.Close:
                    values.Add(""); // "(a,)" and "()" hold the empty value
                    break;
                default:
                    throw new FormatException($"found '{Peek().Literal}', expected: ',', ')' or identifier");
            }

            var (kind, separator) = Take();
            switch (kind)
            {
                case Token.Close:
                    return [.. values];
                case Token.Comma:
                    break;
                default:
                    throw new FormatException($"found '{separator}', expected: ',' or ')'");
            }
        }
    }

    private string Exact()
    {
        if (Peek().Kind is Token.End or Token.Comma)
        {
            return "";
        }

        var (kind, literal) = Take();
        return kind == Token.Identifier ? literal : throw new FormatException($"found '{literal}', expected: identifier");
    }

    private (Token Kind, string Literal) Peek()
    {
        var at = _position;
        var token = Take();
        _position = at;
        return token;
    }

    private (Token Kind, string Literal) Take()
    {
        while (_position < text.Length && text[_position] is (' ' or '\t' or '\r' or '\n'))
        {
            _position++;
        }

        if (_position >= text.Length)
        {
            return (Token.End, "");
        }

        var start = _position;
        switch (text[_position])
        {
            case ',':
                _position++;
                return (Token.Comma, ",");
            case '(':
                _position++;
                return (Token.Open, "(");
            case ')':
                _position++;
                return (Token.Close, ")");
            case '!' or '=' or '<' or '>':
                _position += text[start] is '!' or '=' && start + 1 < text.Length && text[start + 1] == '=' ? 2 : 1; // the longest that there is
                var symbol = text[start.._position];
                return symbol == "!" ? (Token.Not, symbol) : (Token.Operator, symbol);
            default:
                while (_position < text.Length && text[_position] is not (',' or '(' or ')' or '!' or '=' or '<' or '>' or ' ' or '\t' or '\r' or '\n'))
                {
                    _position++;
                }

                return (Token.Identifier, text[start.._position]);
        }
    }

    private enum Token
    {
        End,
        Identifier,
        Comma,
        Open,
        Close,
        Not,
        Operator,
    }
}
