using System.CommandLine;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>Makes options with their text in the user's language.</summary>
internal static class Options
{
    public static Option<T> Of<T>(CommandContext context, Message description, string name, params string[] aliases) =>
        new(name, aliases) { Description = context.Texts.Text(description) };

    /// <summary>-o text|json, or other forms.</summary>
    public static Option<string> Output(CommandContext context, params string[] forms)
    {
        var option = Of<string>(context, Message.OutputOption, "--output", "-o");
        option.DefaultValueFactory = _ => forms[0];
        option.AcceptOnlyFromAmong(forms);
        return option;
    }

    /// <summary>The profile of this command line: -p, else the active one.</summary>
    public static string ProfileOf(ParseResult parsed, CommandContext context) =>
        parsed.GetValue<string?>("--profile") ?? context.ActiveProfile;
}
