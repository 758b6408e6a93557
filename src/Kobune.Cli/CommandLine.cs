using System.CommandLine;
using System.CommandLine.Parsing;
using Kobune.Cli.Commands;
using Kobune.Cli.Texts;

namespace Kobune.Cli;

/// <summary>All commands.</summary>
internal static class CommandLine
{
    public static RootCommand Create(CommandContext context)
    {
        var root = new RootCommand(context.Texts.Text(Message.AppSummary))
        {
            StartCommand.Create(context),
            StatusCommand.Create(context),
            StopCommand.Create(context),
            DeleteCommand.Create(context),
            PauseCommand.Create(context),
            PauseCommand.CreateUnpause(context),
            ImageCommand.Create(context),
            ContainerEnvCommands.CreateDocker(context),
            ContainerEnvCommands.CreatePodman(context),
            AddonsCommand.Create(context),
            ConfigCommand.Create(context),
            ProfileCommand.Create(context),
            UpdateContextCommand.Create(context),
            ServiceCommand.Create(context),
            TunnelCommand.Create(context),
            PathCommand.Create(context),
            DnsCommand.Create(context),
            SshCommand.Create(context),
            SshKeyCommands.CreateKey(context),
            SshKeyCommands.CreateHost(context),
            CpCommand.Create(context),
            MountCommand.Create(context),
            KubectlCommand.Create(context),
            TestServerCommand.Create(context),
            NodeCommands.CreateNode(context),
            NodeCommands.CreateIp(context),
            LogsCommand.Create(context),
            UpdateCheckCommand.Create(context),
            VersionCommand.Create(context),
            VersionsCommand.Create(context),
            GlobalOptions.CreateCommand(context),
            CompletionCommand.Create(context),
            LicenseCommand.Create(context),
        };
        GlobalOptions.AddTo(root, context);
        HelpWriter.AddTo(root, context);
        return root;
    }

    /// <summary>What is wrong with a command line that could not be understood.</summary>
    public static string ProblemOf(CommandContext context, ParseResult parsed) =>
        parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.FirstOrDefault(t => !t.StartsWith('-')) is { } word
            ? context.Texts.Text(Message.UnknownCommand, word, (ProgramName.Current + " " + PathOf(parsed)).TrimEnd())
            : ProblemOf(context, parsed, parsed.Errors[0]);

    // The library's own sentences are English; here is the same in the user's language, told by what is wrong.
    private static string ProblemOf(CommandContext context, ParseResult parsed, ParseError error) =>
        error.SymbolResult switch
        {
            _ when parsed.UnmatchedTokens is [var word, ..] && error.Message.Contains($"'{word}'", StringComparison.Ordinal) =>
                context.Texts.Text(word.StartsWith('-') ? Message.UnknownOption : Message.UnexpectedWord, word),
            CommandResult { Command.Subcommands.Count: > 0 } => context.Texts.Text(Message.CommandMissing, (ProgramName.Current + " " + PathOf(parsed)).TrimEnd()),
            ArgumentResult { Tokens.Count: 0, Parent: OptionResult option } => context.Texts.Text(Message.OptionValueMissing, option.Option.Name),
            OptionResult { Tokens.Count: 0 } option => context.Texts.Text(Message.OptionValueMissing, option.Option.Name),
            ArgumentResult { Tokens.Count: 0 } argument => context.Texts.Text(Message.ArgumentMissing, argument.Argument.Name),
            CommandResult command when command.Command.Arguments.FirstOrDefault(a => a.Arity.MinimumNumberOfValues > 0 && (parsed.GetResult(a)?.Tokens.Count ?? 0) == 0) is { } argument =>
                context.Texts.Text(Message.ArgumentMissing, argument.Name),
            _ when !IsOfLibrary(error.Message) => error.Message, // an option's own check has said it in the user's language
            OptionResult option => context.Texts.Text(Message.BadValue, Quoted(option), option.Option.Name),
            ArgumentResult { Parent: OptionResult option } => context.Texts.Text(Message.BadValue, Quoted(option), option.Option.Name),
            ArgumentResult argument => context.Texts.Text(Message.BadValue, Quoted(argument), argument.Argument.Name),
            _ => error.Message,
        };

    private static bool IsOfLibrary(string message) => message.StartsWith("Argument '", StringComparison.Ordinal) || message.StartsWith("Cannot parse argument", StringComparison.Ordinal);

    private static string Quoted(SymbolResult result) => string.Join(' ', result.Tokens.Select(t => $"\"{t.Value}\""));

    /// <summary>The words of the command that was meant, each with a space behind it: "image build ".</summary>
    public static string PathOf(ParseResult parsed)
    {
        var words = new List<string>();
        for (var result = parsed.CommandResult; result is { Command: not RootCommand }; result = (CommandResult)result.Parent!)
        {
            words.Insert(0, result.Command.Name + " ");
        }

        return string.Concat(words);
    }
}
