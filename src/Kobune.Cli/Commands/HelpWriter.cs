using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>
/// Help in the user's language: what a command does, how it is called, its arguments, options and commands, those of the root in minikube's groups.
/// Options that every command takes are left to `options`.
/// </summary>
internal sealed class HelpWriter(CommandContext context) : SynchronousCommandLineAction
{
    private const int Column = 34;

    private static readonly (Message Head, string[] Commands)[] Groups =
    [
        (Message.HelpBasic, ["start", "status", "stop", "delete", "pause", "unpause"]),
        (Message.HelpImages, ["docker-env", "podman-env", "image"]),
        (Message.HelpConfiguration, ["addons", "config", "profile", "update-context"]),
        (Message.HelpNetworking, ["service", "tunnel", "path", "dns"]),
        (Message.HelpAdvanced, ["mount", "ssh", "kubectl", "test-server", "node", "cp"]),
        (Message.HelpTroubleshooting, ["ssh-key", "ssh-host", "ip", "logs", "update-check", "version", "versions", "options"]),
    ];

    /// <summary>Who asks for help need not have said all that the command needs.</summary>
    public override bool ClearsParseErrors => true;

    /// <summary>Puts it in the place of the library's own help, and lets the program without a command print it, as minikube does.</summary>
    public static void AddTo(RootCommand root, CommandContext context)
    {
        var writer = new HelpWriter(context);
        var help = root.Options.OfType<HelpOption>().Single();
        (help.Action, help.Description) = (writer, context.Texts.Text(Message.HelpHelp));
        root.Options.OfType<VersionOption>().Single().Description = context.Texts.Text(Message.HelpVersion);
        root.SetAction(writer.Invoke);
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var command = parseResult.CommandResult.Command;
        var path = $"{ProgramName.Current} {CommandLine.PathOf(parseResult)}".TrimEnd();
        context.Out.Write(command.Description + "\n");
        Section(Message.HelpUsage, [(Usage(command, path), "")]);
        if (command.Aliases.Count > 0)
        {
            Section(Message.HelpAliases, [(string.Join(", ", command.Aliases.Prepend(command.Name)), "")]);
        }

        Section(Message.HelpArguments, command.Arguments.Where(a => !a.Hidden && a.Description is not null).Select(a => ($"<{a.HelpName ?? a.Name}>", WithDefault(a.Description!, a.HasDefaultValue ? a.GetDefaultValue() : null))));
        Section(Message.HelpOptions, command.Options.Where(o => IsShown(o, command)).Select(Row));
        Commands(command);
        if (command is not RootCommand)
        {
            context.Out.Write($"\n{context.Texts.Text(Message.HelpGlobal, ProgramName.Current)}\n");
        }

        return 0;
    }

    private void Commands(Command command)
    {
        var commands = command.Subcommands.Where(c => !c.Hidden).ToList();
        if (command is not RootCommand)
        {
            Section(Message.HelpCommands, commands.Select(Row));
            return;
        }

        foreach (var (head, names) in Groups)
        {
            Section(head, names.Select(n => commands.Single(c => c.Name == n || c.Aliases.Contains(n))).Select(Row));
        }

        Section(Message.HelpOther, commands.Where(c => !Groups.Any(g => g.Commands.Contains(c.Name) || c.Aliases.Any(g.Commands.Contains))).Select(Row));
        context.Out.Write($"\n{context.Texts.Text(Message.HelpMore, ProgramName.Current)}\n");
    }

    private static bool IsShown(Option option, Command command) => !option.Hidden && (option is HelpOption || !option.Recursive) && (option is not VersionOption || command is RootCommand);

    private static string Usage(Command command, string path)
    {
        var arguments = command.Arguments.Where(a => !a.Hidden).Select(a => $"<{a.HelpName ?? a.Name}>{(a.Arity.MaximumNumberOfValues > 1 ? "..." : "")}").Zip(command.Arguments, (text, a) => a.Arity.MinimumNumberOfValues == 0 ? $"[{text}]" : text);
        return string.Join(' ', [path, .. arguments, .. command.Subcommands.Count > 0 ? ["[command]"] : Array.Empty<string>(), "[options]"]);
    }

    private (string, string) Row(Option option)
    {
        var names = string.Join(", ", option.Aliases.Where(a => a.StartsWith('-')).Append(option.Name).OrderBy(n => n.Length));
        var value = option.ValueType == typeof(bool) || option is HelpOption or VersionOption ? "" : $" <{option.HelpName ?? Values(option) ?? option.Name.TrimStart('-')}>";
        return (names + value, WithDefault(option.Description ?? "", option.HasDefaultValue && option.ValueType != typeof(bool) ? option.GetDefaultValue() : null));
    }

    private static string? Values(Option option) => option.GetCompletions(CompletionContext.Empty).Select(c => c.Label).Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } values ? string.Join('|', values) : null;

    private static (string, string) Row(Command command) => (string.Join(", ", command.Aliases.Append(command.Name).OrderBy(n => n.Length)), command.Description?.Split('\n')[0] ?? "");

    private string WithDefault(string text, object? value) => value?.ToString() is { Length: > 0 } shown and not "System.String[]" ? $"{text} {context.Texts.Text(Message.HelpDefault, shown)}" : text;

    private void Section(Message head, IEnumerable<(string Left, string Right)> rows)
    {
        var list = rows.ToList();
        if (list.Count == 0)
        {
            return;
        }

        context.Out.Write($"\n{context.Texts.Text(head)}:\n");
        foreach (var (left, right) in list)
        {
            var text = right.Replace("\n", "\n" + new string(' ', Column), StringComparison.Ordinal);
            context.Out.Write(right.Length == 0 ? $"  {left}\n" : left.Length > Column - 4 ? $"  {left}\n{new string(' ', Column)}{text}\n" : $"  {left.PadRight(Column - 2)}{text}\n");
        }
    }
}
