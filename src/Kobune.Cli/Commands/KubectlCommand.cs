using System.Collections;
using System.CommandLine;
using Kobune.Cli.Output;
using Kobune.Cli.Packages;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Commands;

/// <summary>kobune kubectl -- ARGUMENTS: becomes the kubectl of this computer, with the profile's context.</summary>
internal static class KubectlCommand
{
    public static Command Create(CommandContext context)
    {
        var words = new Argument<string[]>("arguments") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("kubectl", context.Texts.Text(Message.KubectlSummary)) { words };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, ct) =>
            await RunAsync(context, Options.ProfileOf(parsed, context), [.. parsed.GetValue(words) ?? [], .. parsed.UnmatchedTokens], ct));
        return command;
    }

    /// <summary>The program was called by the name kubectl: everything is for kubectl, and --context names the profile.</summary>
    public static Task<int> RunAsKubectlAsync(CommandContext context, string[] arguments, CancellationToken ct) =>
        RunAsync(context, context.ActiveProfile, arguments, ct);

    /// <summary>The context goes before the first flag, after the word that completion begins with.</summary>
    internal static string[] WithContext(string profile, string[] arguments)
    {
        if (arguments.Any(a => a is "--context" or "--kubeconfig" or "--cluster" or "--server" or "-s" || a.StartsWith("--context=", StringComparison.Ordinal) || a.StartsWith("--server=", StringComparison.Ordinal) || a.StartsWith("--kubeconfig=", StringComparison.Ordinal)))
        {
            return arguments;
        }

        var at = arguments is ["__complete" or "__completeNoDesc", ..] ? 1 : 0;
        return [.. arguments[..at], "--context=" + profile, .. arguments[at..]];
    }

    private static async Task<int> RunAsync(CommandContext context, string profile, string[] arguments, CancellationToken ct)
    {
        var kubectl = FindOther();
        if (kubectl is null)
        {
            await PackageInstaller.Create(context.Reporter()).EnsureAsync([Package.Kubectl], mayInstall: Programs.IsRoot, ct);
            kubectl = FindOther() ?? throw new CliException(Reason.PathMissing, Message.KubectlMissing);
        }

        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => KeyValuePair.Create((string)e.Key, (string?)e.Value));
        var failure = Programs.Become(kubectl, context.Profiles.Find(profile) is null ? arguments : WithContext(profile, arguments), environment);
        throw new CliException(Reason.PathMissing, Message.Unexpected, failure.Message);
    }

    // Not this program itself under the name kubectl.
    private static string? FindOther()
    {
        var self = Path.GetFullPath(Environment.ProcessPath!);
        return Programs.FindAll("kubectl").FirstOrDefault(p => (File.ResolveLinkTarget(p, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(p)) != self);
    }
}
