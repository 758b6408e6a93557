using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune ssh: a shell in a node. There is no SSH in it: the namespaces are entered, the words are joined as ssh joins them.</summary>
internal static class SshCommand
{
    public static Command Create(CommandContext context)
    {
        var node = Options.Of<string?>(context, Message.NodeOption, "--node", "-n");
        var words = new Argument<string[]>("command") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("ssh", context.Texts.Text(Message.SshSummary)) { node, words };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, ct) =>
        {
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            await new ClusterStatus(context).RequireRunningAsync(profile, healthy: false, ct);
            var target = NodeCommands.Find(profile, parsed.GetValue(node)).Name;
            string[] all = [.. parsed.GetValue(words) ?? [], .. parsed.UnmatchedTokens];
            var shell = File.Exists("/bin/bash") ? "/bin/bash" : "/bin/sh";
            string[] run = all.Length == 0 ? [shell, "-l"] : [shell, "-c", "cd; " + string.Join(' ', all)];
            var start = context.Driver.CommandIn(target, run);
            start.Environment["HOME"] = "/root";
            start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
            return await Foreground.RunAsync(start, ct) == 0 ? 0 : 1;
        });
        return command;
    }
}
