using System.CommandLine;
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
        return root;
    }

    /// <summary>What is wrong with a command line that could not be understood.</summary>
    public static string ProblemOf(CommandContext context, ParseResult parsed) =>
        parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.FirstOrDefault(t => !t.StartsWith('-')) is { } word
            ? context.Texts.Text(Message.UnknownCommand, word, (ProgramName.Current + " " + PathOf(parsed)).TrimEnd())
            : parsed.Errors[0].Message;

    /// <summary>The words of the command that was meant, each with a space behind it: "image build ".</summary>
    public static string PathOf(ParseResult parsed)
    {
        var words = new List<string>();
        for (var result = parsed.CommandResult; result is { Command: not RootCommand }; result = (System.CommandLine.Parsing.CommandResult)result.Parent!)
        {
            words.Insert(0, result.Command.Name + " ");
        }

        return string.Concat(words);
    }
}
