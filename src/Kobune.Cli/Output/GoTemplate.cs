using System.Text.RegularExpressions;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Output;

/// <summary>The part of Go's templates that people use here: {{.Field}}.</summary>
internal static partial class GoTemplate
{
    /// <summary>Fills the fields; an unknown one is refused with its name.</summary>
    public static string Render(string template, IReadOnlyDictionary<string, string> fields) =>
        Field().Replace(template, match => fields.TryGetValue(match.Groups[1].Value, out var value) ? value : throw new FormatException($"unknown field .{match.Groups[1].Value}"));

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

    [GeneratedRegex(@"\{\{\s*\.([A-Za-z]+)\s*\}\}")]
    private static partial Regex Field();
}
