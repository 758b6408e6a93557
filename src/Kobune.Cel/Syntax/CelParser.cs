using Kobune.Cel.Values;

namespace Kobune.Cel.Syntax;

/// <summary>Descent over the grammar of cel-spec's langdef. The first place that does not fit ends the parse; macros are expanded as they are met.</summary>
internal sealed class CelParser(CelSource source, CelIssueSink issues, CelMacros macros)
{
    private const int MaxDepth = 250;
    private const int MaxLength = 100_000;
    private const string Literals = "'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
    private const string ExpectedOperand = "{'[', '{', '(', '.', '-', '!', " + Literals;
    private const string ExpectedElement = "{'[', ']', '{', '(', '.', ',', '-', '!', '?', " + Literals;
    private const string ExpectedArgument = "{'[', '{', '(', ')', '.', '-', '!', " + Literals;
    private const string ExpectedEntry = "{'[', '{', '}', '(', '.', ',', '-', '!', '?', " + Literals;

    private static readonly HashSet<string> Reserved =
        ["as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop", "package", "namespace", "null", "return", "true", "var", "void", "while"];

    private static readonly Dictionary<string, string> Relations = new()
    {
        ["<"] = CelOperators.Less,
        ["<="] = CelOperators.LessOrEqual,
        [">"] = CelOperators.Greater,
        [">="] = CelOperators.GreaterOrEqual,
        ["=="] = CelOperators.Equal,
        ["!="] = CelOperators.NotEqual,
        ["in"] = CelOperators.In,
    };

    private static readonly Dictionary<string, string> Sums = new() { ["+"] = CelOperators.Add, ["-"] = CelOperators.Subtract };
    private static readonly Dictionary<string, string> Products = new() { ["*"] = CelOperators.Multiply, ["/"] = CelOperators.Divide, ["%"] = CelOperators.Modulo };
    private List<CelToken> _tokens = [];
    private int _at;
    private int _depth;

    /// <summary>How deep what was read last is, by cel-go's count: operators (but logical ones), conditionals, fields, indexes and calls on something.</summary>
    private int _height;

    private CelToken Current => _tokens[_at];

    /// <summary>The tree, or null when issues were added.</summary>
    public CelExpr? Parse()
    {
        if (source.Length > MaxLength)
        {
            issues.Add(CelSource.Nowhere, $"expression code point size exceeds limit: size: {source.Length}, limit {MaxLength}");
            return null;
        }

        _tokens = new CelLexer(source, issues).Run();
        try
        {
            var tree = Expression();
            if (Current.Kind != CelTokenKind.End)
            {
                throw Unexpected("<EOF>");
            }

            return issues.Any ? null : tree;
        }
        catch (SyntaxStop)
        {
            return null;
        }
    }

    private CelExpr Expression()
    {
        if (++_depth > MaxDepth)
        {
            throw Stop(CelSource.Nowhere, $"expression recursion limit exceeded: {MaxDepth}");
        }

        var condition = Or();
        if (Current is { Kind: CelTokenKind.Symbol, Text: "?" } mark)
        {
            _at++;
            var height = _height;
            var yes = Or();
            height = Math.Max(height, _height);
            Expect(":");
            condition = new CallExpr(mark.Position, CelOperators.Conditional, null, [condition, yes, Expression()]);
            Grow(height);
        }

        _depth--;
        return condition;
    }

    /// <summary>What was read last is now part of something larger, with other parts of a height.</summary>
    private void Grow(int others)
    {
        _height = Math.Max(others, _height) + 1;
        if (_height > MaxDepth)
        {
            throw Stop(CelSource.Nowhere, "max recursion depth exceeded");
        }
    }

    private CelExpr Or() => Balanced("||", CelOperators.Or, And);

    private CelExpr And() => Balanced("&&", CelOperators.And, Relation);

    /// <summary>Chains of one logical operator become a balanced tree, so that long ones stay shallow.</summary>
    private CelExpr Balanced(string symbol, string function, Func<CelExpr> operand)
    {
        var terms = new List<CelExpr> { operand() };
        var positions = new List<int>();
        while (Current.Kind == CelTokenKind.Symbol && Current.Text == symbol)
        {
            positions.Add(Current.Position);
            _at++;
            var height = _height;
            terms.Add(operand());
            _height = Math.Max(height, _height);
        }

        return terms.Count == 1 ? terms[0] : Balance(function, terms, positions, 0, positions.Count - 1);
    }

    private static CallExpr Balance(string function, List<CelExpr> terms, List<int> positions, int low, int high)
    {
        var middle = (low + high + 1) / 2;
        var left = middle == low ? terms[middle] : Balance(function, terms, positions, low, middle - 1);
        var right = middle == high ? terms[middle + 1] : Balance(function, terms, positions, middle + 1, high);
        return new CallExpr(positions[middle], function, null, [left, right]);
    }

    private CelExpr Relation() => Chain(Relations, () => Chain(Sums, () => Chain(Products, Unary)));

    private CelExpr Chain(Dictionary<string, string> functions, Func<CelExpr> operand)
    {
        var left = operand();
        while (Current.Kind is CelTokenKind.Symbol or CelTokenKind.Identifier && functions.TryGetValue(Current.Text, out var function))
        {
            var (position, height) = (Current.Position, _height);
            _at++;
            left = new CallExpr(position, function, null, [left, operand()]);
            Grow(height);
        }

        return left;
    }

    private CelExpr Unary()
    {
        if (Current is not { Kind: CelTokenKind.Symbol, Text: "-" or "!" } first)
        {
            return Member(Primary());
        }

        var count = 0;
        while (Current.Kind == CelTokenKind.Symbol && Current.Text == first.Text)
        {
            count++;
            _at++;
        }

        if (first.Text == "-" && Current.Kind is CelTokenKind.Int or CelTokenKind.Double)
        {
            // The last minus belongs to the number: -9223372036854775808 is one.
            count--;
            var number = Current.Kind == CelTokenKind.Int ? CelLiterals.Int(Current.Text, negative: true) : CelLiterals.Double("-" + Current.Text);
            _height = 0;
            var literal = Literal(number, Current.Kind == CelTokenKind.Int ? "invalid int literal" : "invalid double literal", _tokens[_at - 1].Position);
            var operand = Member(literal);
            return count % 2 == 0 ? operand : new CallExpr(first.Position, CelOperators.Negate, null, [operand]);
        }

        var inner = Member(Primary());
        return count % 2 == 0 ? inner : new CallExpr(first.Position, first.Text == "!" ? CelOperators.Not : CelOperators.Negate, null, [inner]);
    }

    private CelExpr Member(CelExpr operand)
    {
        while (Current.Kind == CelTokenKind.Symbol && Current.Text is "." or "[")
        {
            var height = _height;
            operand = Current.Text == "." ? Selection(operand) : Indexing(operand);
            Grow(height);
        }

        return operand;
    }

    private CelExpr Selection(CelExpr operand)
    {
        var dot = Current;
        _at++;
        var isOptional = Take("?", out var mark);
        if (isOptional && !macros.HasOptionals)
        {
            throw Stop(mark.Position, "unsupported syntax '.?'");
        }

        if (Current.Kind is not (CelTokenKind.Identifier or CelTokenKind.EscapedIdentifier))
        {
            throw Current.Kind == CelTokenKind.End
                ? Stop(Current.Position, $"Syntax error: no viable alternative at input '{dot.Text}'")
                : Stop(Current.Position, $"Syntax error: no viable alternative at input '{dot.Text}{Current.Text}'");
        }

        var name = Current;
        _at++;
        var field = name.Kind == CelTokenKind.EscapedIdentifier ? name.Text[1..^1] : name.Text;
        if (name.Text is "true" or "false" or "null" or "in")
        {
            throw Stop(name.Position, name.Text == "in"
                ? $"Syntax error: no viable alternative at input '{dot.Text}in'"
                : $"Syntax error: mismatched input '{name.Text}' expecting IDENTIFIER");
        }

        if (isOptional)
        {
            return new CallExpr(dot.Position, CelOperators.OptionalSelect, null, [operand, new ConstantExpr(name.Position, new CelString(field))]);
        }

        if (Take("(", out var open))
        {
            var arguments = Arguments();
            return Expand(new CallExpr(open.Position, field, operand, arguments));
        }

        return new SelectExpr(dot.Position, operand, field, isTest: false);
    }

    private CallExpr Indexing(CelExpr operand)
    {
        var open = Current;
        _at++;
        var isOptional = Take("?", out var mark);
        if (isOptional && !macros.HasOptionals)
        {
            throw Stop(mark.Position, "unsupported syntax '[?'");
        }

        var index = Expression();
        Expect("]");
        return new CallExpr(open.Position, isOptional ? CelOperators.OptionalIndex : CelOperators.Index, null, [operand, index]);
    }

    private CelExpr Primary()
    {
        var token = Current;
        _height = 0;
        switch (token.Kind)
        {
            case CelTokenKind.Int:
                return Literal(CelLiterals.Int(token.Text, negative: false), "invalid int literal", token.Position);
            case CelTokenKind.Uint:
                return Literal(CelLiterals.Uint(token.Text), "invalid uint literal", token.Position);
            case CelTokenKind.Double:
                return Literal(CelLiterals.Double(token.Text), "invalid double literal", token.Position);
            case CelTokenKind.String or CelTokenKind.Bytes:
                return Literal(CelLiterals.Text(token.Text, token.Kind == CelTokenKind.Bytes, out var problem), problem, token.Position);
            case CelTokenKind.Identifier when token.Text is "true" or "false":
                return Literal(CelBool.Of(token.Text == "true"), "", token.Position);
            case CelTokenKind.Identifier when token.Text == "null":
                return Literal(CelNull.Instance, "", token.Position);
            case CelTokenKind.Identifier when token.Text != "in":
                return Name("");
            case CelTokenKind.Symbol:
                switch (token.Text)
                {
                    case ".":
                        _at++;
                        return Current.Kind == CelTokenKind.Identifier ? Name(".") : throw Stop(Current.Position, $"Syntax error: no viable alternative at input '.{(Current.Kind == CelTokenKind.End ? "" : Current.Text)}'");
                    case "(":
                        _at++;
                        var inner = Expression();
                        Expect(")");
                        return inner;
                    case "[":
                        return List();
                    case "{":
                        return Map();
                }

                break;
        }

        throw Unexpected(ExpectedOperand);
    }

    private ConstantExpr Literal(CelValue? value, string problem, int position)
    {
        _at++;
        return value is null ? throw Stop(position, problem) : new ConstantExpr(position, value);
    }

    private CelExpr Name(string lead)
    {
        var token = Current;
        _at++;
        if (IsStructAhead())
        {
            return Struct(lead, token);
        }

        if (Reserved.Contains(token.Text))
        {
            throw Stop(token.Position, $"reserved identifier: {token.Text}");
        }

        if (Take("(", out var open))
        {
            return Expand(new CallExpr(open.Position, lead + token.Text, null, Arguments()));
        }

        return new IdentExpr(token.Position, lead + token.Text);
    }

    /// <summary>Whether names with dots and then a brace follow: <c>Object.spec{...}</c>.</summary>
    private bool IsStructAhead()
    {
        var at = _at;
        while (_tokens[at] is { Kind: CelTokenKind.Symbol, Text: "." } && _tokens[at + 1].Kind == CelTokenKind.Identifier)
        {
            at += 2;
        }

        return _tokens[at] is { Kind: CelTokenKind.Symbol, Text: "{" };
    }

    private StructExpr Struct(string lead, CelToken first)
    {
        var name = lead + first.Text;
        while (Take(".", out _))
        {
            name += "." + Current.Text;
            _at++;
        }

        var open = Current;
        var height = 0;
        _at++;
        var fields = new List<StructFieldExpr>();
        while (!Take("}", out _))
        {
            var isOptional = TakeOptional();
            var field = Current;
            if (field.Kind is not (CelTokenKind.Identifier or CelTokenKind.EscapedIdentifier))
            {
                throw Unexpected("{'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}");
            }

            _at++;
            var colon = Current;
            Expect(":");
            fields.Add(new(colon.Position, field.Text.Trim('`'), Expression(), isOptional));
            height = Math.Max(height, _height);
            CommaOr("}");
        }

        _height = height;
        return new StructExpr(open.Position, name, fields);
    }

    private ListExpr List()
    {
        var open = Current;
        var height = 0;
        _at++;
        var elements = new List<CelExpr>();
        var optional = new HashSet<int>();
        while (!Take("]", out _))
        {
            if (elements.Count == 0 && Take(",", out _))
            {
                Expect("]");
                break;
            }

            if (TakeOptional())
            {
                optional.Add(elements.Count);
            }

            RequireOperand(elements.Count == 0 ? ExpectedElement : null);
            elements.Add(Expression());
            height = Math.Max(height, _height);
            CommaOr("]");
        }

        _height = height;

        return new ListExpr(open.Position, elements, optional);
    }

    private MapExpr Map()
    {
        var open = Current;
        var height = 0;
        _at++;
        var entries = new List<MapEntryExpr>();
        while (!Take("}", out _))
        {
            if (entries.Count == 0 && Take(",", out _))
            {
                Expect("}");
                break;
            }

            var isOptional = TakeOptional();
            RequireOperand(entries.Count == 0 ? ExpectedEntry : null);
            var key = Expression();
            height = Math.Max(height, _height);
            Expect(":");
            entries.Add(new(key, Expression(), isOptional));
            height = Math.Max(height, _height);
            CommaOr("}");
        }

        _height = height;

        return new MapExpr(open.Position, entries);
    }

    private List<CelExpr> Arguments()
    {
        var arguments = new List<CelExpr>();
        _height = 0;
        if (Take(")", out _))
        {
            return arguments;
        }

        RequireOperand(ExpectedArgument);
        var height = 0;
        do
        {
            arguments.Add(Expression());
            height = Math.Max(height, _height);
        }
        while (Take(",", out _));
        _height = height;
        Expect(")");
        return arguments;
    }

    private CelExpr Expand(CallExpr call)
    {
        try
        {
            return macros.Expand(call) ?? call;
        }
        catch (CelMacroException e)
        {
            throw Stop(e.Position, e.Message);
        }
    }

    private bool Take(string symbol, out CelToken token)
    {
        token = Current;
        if (token.Kind != CelTokenKind.Symbol || token.Text != symbol)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool TakeOptional() =>
        Take("?", out var mark) && (macros.HasOptionals ? true : throw Stop(mark.Position, "unsupported syntax '?'"));

    private void CommaOr(string close)
    {
        // A comma may be the last thing before the end, so what is missing behind it is the end.
        if (Take(",", out _) ? Current.Kind == CelTokenKind.End : Current.Kind != CelTokenKind.Symbol || Current.Text != close)
        {
            Expect(close);
        }
    }

    private void Expect(string symbol)
    {
        if (Take(symbol, out _))
        {
            return;
        }

        throw Current.Kind == CelTokenKind.End && symbol is ")" or "]" or "}"
            ? Stop(Current.Position, $"Syntax error: missing '{symbol}' at '<EOF>'")
            : Unexpected($"'{symbol}'");
    }

    private void RequireOperand(string? expected)
    {
        if (expected is not null && (Current.Kind == CelTokenKind.End || (Current.Kind == CelTokenKind.Symbol && Current.Text is not ("[" or "{" or "(" or "." or "-" or "!"))))
        {
            throw Unexpected(expected);
        }
    }

    /// <summary>A superfluous token is named so when the text would go on well without it.</summary>
    private SyntaxStop Unexpected(string expected)
    {
        var token = Current;
        var next = token.Kind == CelTokenKind.End ? token : _tokens[_at + 1];
        var isExtra = token.Kind != CelTokenKind.End && (expected == "<EOF>" ? next.Kind == CelTokenKind.End : expected == ExpectedOperand && IsOperand(next));
        var stop = Stop(token.Position, $"Syntax error: {(isExtra ? "extraneous" : "mismatched")} input '{token.Text}' expecting {expected}");
        if (!isExtra && token.Kind != CelTokenKind.End && expected == ExpectedOperand && next.Kind == CelTokenKind.End)
        {
            issues.Add(next.Position, $"Syntax error: mismatched input '<EOF>' expecting {expected}");
        }

        return stop;
    }

    private static bool IsOperand(CelToken token) => token.Kind switch
    {
        CelTokenKind.End => false,
        CelTokenKind.Symbol => token.Text is "[" or "{" or "(" or "." or "-" or "!",
        _ => token.Text != "in",
    };

    private SyntaxStop Stop(int position, string message)
    {
        issues.Add(position, message);
        return new SyntaxStop();
    }

    /// <summary>Leaves the descent; the issue is in the sink.</summary>
    private sealed class SyntaxStop : Exception;
}
