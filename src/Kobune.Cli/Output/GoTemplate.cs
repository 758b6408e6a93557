using System.Text.RegularExpressions;

namespace Kobune.Cli.Output;

/// <summary>The part of Go's templates that people use here: {{.Field}}.</summary>
internal static partial class GoTemplate
{
    /// <summary>Fills the fields; an unknown one is refused with its name.</summary>
    public static string Render(string template, IReadOnlyDictionary<string, string> fields) =>
        Field().Replace(template, match => fields.TryGetValue(match.Groups[1].Value, out var value) ? value : throw new FormatException($"unknown field .{match.Groups[1].Value}"));

    [GeneratedRegex(@"\{\{\s*\.([A-Za-z]+)\s*\}\}")]
    private static partial Regex Field();
}
