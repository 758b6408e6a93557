using System.CommandLine;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>The options that every command takes. Those about the log and the bootstrapper are understood and have no effect, so that scripts written for minikube run.</summary>
internal static class GlobalOptions
{
    private static readonly string[] IgnoredSwitches =
        ["--alsologtostderr", "--logtostderr", "--one_output", "--skip_headers", "--skip_log_headers", "--add_dir_header", "--skip-audit", "--rootless"];

    private static readonly (string Name, string[] Aliases)[] IgnoredValues =
        [("--v", ["-v"]), ("--vmodule", []), ("--bootstrapper", ["-b"]), ("--log_dir", []), ("--log_file", []), ("--log_file_max_size", []), ("--stderrthreshold", []), ("--log_backtrace_at", [])];

    /// <summary>Adds them to the root.</summary>
    public static void AddTo(RootCommand root, CommandContext context)
    {
        foreach (var option in All(context))
        {
            option.Recursive = true; // and so not shown by each command's help
            root.Options.Add(option);
        }
    }

    /// <summary>kobune options: prints the list.</summary>
    public static Command CreateCommand(CommandContext context)
    {
        var command = new Command("options", context.Texts.Text(Message.OptionsSummary));
        command.SetAction(async (_, ct) =>
        {
            await context.Out.WriteLineAsync(context.Texts.Text(Message.OptionsHead).AsMemory(), ct);
            await context.Out.WriteLineAsync();
            foreach (var option in All(context))
            {
                var names = string.Join(", ", option.Aliases.Append(option.Name));
                await context.Out.WriteLineAsync($"    {names}:\n\t{option.Description}\n".AsMemory(), ct);
            }

            return 0;
        });
        return command;
    }

    private static List<Option> All(CommandContext context)
    {
        var user = Options.Of<string?>(context, Message.UserOption, "--user");
        user.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { Length: > 60 })
            {
                result.AddError(context.Texts.Text(Message.UserTooLong));
            }
        });
        List<Option> all = [Options.Of<string?>(context, Message.ProfileOption, "--profile", "-p"), user];
        all.AddRange(IgnoredSwitches.Select(n => Options.Of<bool>(context, Message.IgnoredOption, n)));
        all.AddRange(IgnoredValues.Select(v => Options.Of<string?>(context, Message.IgnoredOption, v.Name, v.Aliases)));
        return all;
    }
}
