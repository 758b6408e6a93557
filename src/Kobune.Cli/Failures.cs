using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Machine;

namespace Kobune.Cli;

/// <summary>From what went wrong to one line for the user and an exit code, in one place.</summary>
internal static class Failures
{
    public static int Report(CommandContext context, string[] args, Exception failure)
    {
        var known = Describe(context, args, failure);
        return Report(
            context,
            args,
            known.Reason,
            context.Texts.Text(known.Text, [.. known.Arguments]),
            known.Advice is { } advice ? context.Texts.Text(advice.Text, advice.Arguments) : null);
    }

    public static int Report(CommandContext context, string[] args, Reason reason, string text, string? advice)
    {
        context.Reporter(WantsJson(args)).Fail(reason, text, advice);
        return reason.ExitCode;
    }

    private static CliException Describe(CommandContext context, string[] args, Exception failure) => failure switch
    {
        CliException cli => cli,
        _ when IsNoSpace(failure) => new(Reason.Storage, Message.NoSpace, context.Home.Root) { Advice = (Message.FreeSpace, []) },
        MachineException machine => OfMachine(context, args, machine),
        OperationCanceledException => new(Reason.Interrupted, Message.Interrupted),
        UnauthorizedAccessException denied => new(Reason.HomePermission, Message.HomeNotWritable, context.Home.Root, denied.Message) { Advice = (Message.RunAsRoot, [string.Join(' ', args)]) },
        _ => new(Reason.Internal, Message.Unexpected, failure.Message.ReplaceLineEndings(" ")),
    };

    private static CliException OfMachine(CommandContext context, string[] args, MachineException failure)
    {
        var profile = ProfileOf(context, args);
        return failure.Fault switch
        {
            MachineFault.NotRoot => new(Reason.NeedsRoot, Message.NeedsRoot, "native") { Advice = (Message.RunAsRoot, [string.Join(' ', args)]) },
            MachineFault.Network => new(Reason.Network, Message.NetworkFailed, failure.Message) { Advice = (Message.TakeSubnet, []) },
            MachineFault.NoSpace => new(Reason.Storage, Message.NoSpace, context.Home.Root) { Advice = (Message.FreeSpace, []) },
            MachineFault.MissingProgram => new(Reason.DriverNotFound, Message.Unexpected, failure.Message),
            MachineFault.StopTimeout => new(Reason.StopTimeout, Message.DeleteFailed, profile, failure.Message),
            MachineFault.Undo => new(Reason.Deletion, Message.DeleteFailed, profile, failure.Message),
            _ => new(Reason.Provision, Message.ProvisionFailed, profile, failure.Message) { Advice = (Message.DeleteAndStart, [profile]) },
        };
    }

    // A machine's first process tells the same as text.
    private static bool IsNoSpace(Exception e)
    {
        const int NoSpace = 28;
        const int Quota = 122;
        return (e is IOException && (e.HResult & 0xFFFF) is NoSpace or Quota) || e.Message.Contains("No space left", StringComparison.Ordinal);
    }

    // The command line may not have been understood, so its words are looked at as they are.
    private static bool WantsJson(string[] args) => args.Contains("--output=json") || args.Contains("-ojson") || args.Contains("-o=json") || Follows(args, "-o", "json") || Follows(args, "--output", "json");

    private static bool Follows(string[] args, string option, string value) => Array.IndexOf(args, option) is >= 0 and var at && at + 1 < args.Length && args[at + 1] == value;

    private static string ProfileOf(CommandContext context, string[] args)
    {
        var at = Array.FindIndex(args, a => a is "-p" or "--profile");
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : context.ActiveProfile;
    }
}
