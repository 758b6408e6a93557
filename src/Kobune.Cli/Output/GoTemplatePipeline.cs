using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Kobune.Cli.Output;

/// <summary>One pipeline of a Go template: commands, each of which gets the value of the one before as its last argument.</summary>
internal sealed partial class GoTemplatePipeline
{
    private readonly IReadOnlyDictionary<string, string> _fields;
    private readonly Queue<string> _tokens = new();

    public GoTemplatePipeline(string text, IReadOnlyDictionary<string, string> fields)
    {
        _fields = fields;
        for (var at = 0; at < text.Length;)
        {
            var token = Token().Match(text, at);
            if (!token.Success)
            {
                throw new FormatException($"unexpected \"{text[at..].Trim()}\" in template");
            }

            at = token.Index + token.Length;
            if (token.Groups[1].Length > 0)
            {
                _tokens.Enqueue(token.Groups[1].Value);
            }
        }
    }

    /// <summary>A string, an integer or a bool.</summary>
    public object Value()
    {
        var value = Pipeline();
        return _tokens.Count == 0 ? value : throw new FormatException($"unexpected \"{_tokens.Peek()}\" in template");
    }

    private object Pipeline()
    {
        object? piped = null;
        while (true)
        {
            piped = Command(piped);
            if (!_tokens.TryPeek(out var next) || next != "|")
            {
                return piped;
            }

            _tokens.Dequeue();
        }
    }

    private object Command(object? piped)
    {
        var first = _tokens.TryDequeue(out var token) ? token : throw new FormatException("missing value for command");
        var isFunction = char.IsLetter(first[0]) && first is not ("true" or "false");
        var arguments = new List<object>();
        if (!isFunction)
        {
            arguments.Add(Operand(first));
        }

        while (_tokens.TryPeek(out var next) && next is not ("|" or ")"))
        {
            arguments.Add(Operand(_tokens.Dequeue()));
        }

        if (piped is not null)
        {
            arguments.Add(piped);
        }

        return isFunction ? GoTemplateFunctions.Call(first, arguments)
            : arguments.Count == 1 ? arguments[0]
            : throw new FormatException($"can't give argument to non-function {first}");
    }

    private object Operand(string token)
    {
        switch (token)
        {
            case "(":
                var inner = Pipeline();
                return _tokens.TryDequeue(out var close) && close == ")" ? inner : throw new FormatException("unclosed left paren");
            case "true" or "false": return token == "true";
            case ['.', .. var name]: return _fields.TryGetValue(name, out var value) ? value : throw new FormatException($"unknown field .{name}");
            case ['`', .. var raw, '`']: return raw;
            case ['"', .. var quoted, '"']: return Unquote(quoted);
            default: return long.TryParse(token, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : GoTemplateFunctions.Call(token, []);
        }
    }

    private static string Unquote(string text)
    {
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            plain.Append(text[i] != '\\' ? text[i] : text[++i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
        }

        return plain.ToString();
    }

    [GeneratedRegex("""\G\s*("(?:\\.|[^"\\])*"|`[^`]*`|\.[A-Za-z][A-Za-z0-9]*|[A-Za-z]+|-?[0-9]+|[|()]|$)\s*""")]
    private static partial Regex Token();
}
