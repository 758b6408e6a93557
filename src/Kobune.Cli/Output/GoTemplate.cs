using System.Text;
using System.Text.RegularExpressions;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Output;

/// <summary>
/// Go's templates over a flat set of fields: {{.Field}}, literals, pipelines, if, else, end, comments, trimming, and the functions that make sense of texts.
/// Source: text/template. There is nothing to range over and no variable.
/// </summary>
internal sealed partial class GoTemplate
{
    private readonly List<Piece> _pieces = [];
    private readonly IReadOnlyDictionary<string, string> _fields;
    private int _at;

    private GoTemplate(string template, IReadOnlyDictionary<string, string> fields)
    {
        _fields = fields;
        Split(template);
    }

    /// <summary>A text, or what stands in an action.</summary>
    private readonly record struct Piece(string Text, bool IsAction);

    /// <summary>Fills the template.</summary>
    /// <exception cref="FormatException">A field or function is not known, or the form is wrong; the message names it.</exception>
    public static string Render(string template, IReadOnlyDictionary<string, string> fields)
    {
        var output = new StringBuilder();
        var run = new GoTemplate(template, fields);
        return run.Block(output, isActive: true) is { } stray ? throw new FormatException($"unexpected {{{{{stray}}}}}") : output.ToString();
    }

    /// <summary>The same for a user's option; a bad template is a bad use of it.</summary>
    public static string RenderFor(string option, string template, IReadOnlyDictionary<string, string> fields)
    {
        try
        {
            return Render(template, fields);
        }
        catch (FormatException e)
        {
            throw new CliException(Reason.Usage, Message.BadValue, e.Message, option);
        }
    }

    private void Split(string template)
    {
        var rest = template;
        while (rest.IndexOf("{{", StringComparison.Ordinal) is >= 0 and var open)
        {
            var action = Action().Match(rest, open);
            if (!action.Success)
            {
                throw new FormatException("unclosed action");
            }

            var before = rest[..open];
            _pieces.Add(new(action.Groups["left"].Success ? before.TrimEnd() : before, false));
            _pieces.Add(new(action.Groups["body"].Value.Trim(), true));
            rest = rest[(action.Index + action.Length)..];
            rest = action.Groups["right"].Success ? rest.TrimStart() : rest;
        }

        _pieces.Add(new(rest, false));
    }

    /// <summary>Writes up to the end of a block; the word that ended it, or null at the end of the template.</summary>
    private string? Block(StringBuilder output, bool isActive)
    {
        while (_at < _pieces.Count)
        {
            var (text, isAction) = _pieces[_at++];
            if (!isAction)
            {
                output.Append(isActive ? text : "");
            }
            else if (text is "end" or "else" || text.StartsWith("else if ", StringComparison.Ordinal))
            {
                return text;
            }
            else if (text.StartsWith("if ", StringComparison.Ordinal))
            {
                If(output, text[3..], isActive);
            }
            else if (isActive && !text.StartsWith("/*", StringComparison.Ordinal))
            {
                output.Append(GoTemplateFunctions.Text(new GoTemplatePipeline(text, _fields).Value()));
            }
        }

        return null;
    }

    private void If(StringBuilder output, string condition, bool isActive)
    {
        var isDone = false;
        for (var next = "else if " + condition; ;)
        {
            var isElse = next == "else";
            var isTaken = isActive && !isDone && (isElse || GoTemplateFunctions.IsTrue(new GoTemplatePipeline(next["else if ".Length..], _fields).Value()));
            isDone |= isTaken;
            next = Block(output, isTaken) ?? throw new FormatException("unexpected EOF");
            if (next == "end")
            {
                return;
            }

            if (isElse)
            {
                throw new FormatException($"expected end; found {{{{{next}}}}}");
            }
        }
    }

    // A quoted text may hold braces.
    [GeneratedRegex("""\G\{\{(?<left>-\s)?(?<body>(?:"(?:\\.|[^"\\])*"|`[^`]*`|(?!-?\}\})[^"`])*)(?<right>(?<=\s)-)?\}\}""", RegexOptions.Singleline)]
    private static partial Regex Action();
}
