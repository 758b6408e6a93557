using System.Diagnostics;
using System.Runtime.InteropServices;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Privileges;

/// <summary>
/// Root by sudo: the same command line in the same program below it (see <see cref="AsRoot"/>), while this process waits and passes on what it is asked to
/// do. With a terminal sudo may ask for the password there, without one it must not.
/// </summary>
internal sealed class SudoPrivileges : IPrivileges
{
    /// <inheritdoc/>
    public bool IsRoot => Programs.IsRoot;

    /// <inheritdoc/>
    public async Task<int> RunAsync(CommandContext context, string[] args)
    {
        var line = string.Join(' ', args);
        var sudo = Programs.Find("sudo") ?? throw new CliException(Reason.NeedsRoot, Message.SudoMissing) { Advice = (Message.RunAsRootUser, [line]) };
        var program = Environment.ProcessPath!;
        var mayAsk = !args.Contains("--interactive=false") && HasTerminal();
        if (!mayAsk && await RefusalAsync(program) is { } refusal)
        {
            throw Refused(refusal, line);
        }

        using var link = new CallerLink();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => { c.Cancel = true; link.RequestEnd(); });
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => { c.Cancel = true; link.RequestEnd(); });
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, c => { c.Cancel = true; link.RequestEnd(); });
        using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, c => c.Cancel = true);
        string[] quiet = mayAsk ? [] : ["-n"];
        using var process = Process.Start(new ProcessStartInfo(sudo, [.. quiet, "--", program, AsRoot.Command, .. link.Words, .. args]))!;
        await process.WaitForExitAsync(CancellationToken.None);
        return link.HasBegun() ? process.ExitCode : throw Refused($"exit code {process.ExitCode}", line);
    }

    // What sudo says when it would ask for a password or knows no such right; null when it agrees. It prints that itself where it can ask.
    private static async Task<string?> RefusalAsync(string program)
    {
        var result = await Programs.TryRunAsync("sudo", ["-n", "-l", "--", program], null, CancellationToken.None);
        return result.ExitCode == 0 ? null : result.Error.Trim().Split('\n')[^1] is { Length: > 0 } words ? words : $"exit code {result.ExitCode}";
    }

    private static CliException Refused(string words, string line) =>
        new(Reason.NeedsRoot, Message.SudoRefused, words) { Advice = (Message.SudoAdvice, [line]) };

    private static bool HasTerminal()
    {
        try
        {
            using var terminal = new FileStream("/dev/tty", FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
