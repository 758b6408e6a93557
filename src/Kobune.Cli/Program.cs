using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Kobune.Cli.Clusters;
using Kobune.Cli.Commands;
using Kobune.Cli.Configuration;
using Kobune.Cli.Images;
using Kobune.Cli.Output;
using Kobune.Cli.Paths.Probes;
using Kobune.Cli.Ports;
using Kobune.Cli.Privileges;
using Kobune.Cli.Profiles;
using Kobune.Cli.TestServers;
using Kobune.Cli.Texts;
using Kobune.Machine;
using Kobune.Machine.Init;
using Kobune.Node;

namespace Kobune.Cli;

/// <summary>
/// The program. Hidden commands are the inside of a machine: `init` (its first process), `node` (the node process), `runtime` (beside its containerd) and
/// `probe` (packets of `kobune path`); others are `publish`, which holds ports of `start --ports`, and `as-root`, this program below sudo.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        switch (ProgramName.Current)
        {
            case "kube-apiserver":
                return await StandIns.RunAsync(ct => ApiServerStandIn.RunAsync(args, Console.Out, ct), Console.Error);
            case "etcd":
                return await StandIns.RunAsync(ct => EtcdStandIn.RunAsync(args, Console.Out, ct), Console.Error);
        }

        switch (args)
        {
            case ["init", var spec]:
                return NodeInit.Run(spec);
            case ["node", "--config", var config]:
                return await RunNodeAsync(config);
            case ["publish", var node, .. var ports]:
                return await PublishAsync(node, ports);
            case ["runtime", .. var words]:
                return await InsideNode.RunAsync(words, CancellationToken.None);
            case [AsRoot.Command, var caller, var end, var begun, .. var words]:
                var own = AsRoot.Enter(caller, end, begun) ? words : args; // before the context is made: it takes over the caller's settings
                return await RunAsync(CommandContext.Create(), own);
            case ["probe"]:
                return await RunProbesAsync(CancellationToken.None);
            default:
                return await RunAsync(CommandContext.Create(), args);
        }
    }

    /// <summary>One command line, from its words to its exit code.</summary>
    internal static async Task<int> RunAsync(CommandContext context, string[] args)
    {
        try
        {
            if (ProgramName.Current == "kubectl")
            {
                return await KubectlCommand.RunAsKubectlAsync(context, args, CancellationToken.None);
            }

            if (args is [ScheduledStop.Command, var profile, var seconds])
            {
                await Task.Delay(TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)), context.Time);
                return await RunAsync(context, ["stop", "-p", profile]);
            }

            if (args is ["__complete", .. var words])
            {
                return CompletionCommand.Complete(context, words);
            }

            var parsed = CommandLine.Create(context).Parse(args);
            if (parsed.Errors.Count > 0)
            {
                return Failures.Report(context, args, Reason.Usage, CommandLine.ProblemOf(context, parsed), context.Texts.Text(Message.SeeHelp, CommandLine.PathOf(parsed)));
            }

            if (OptionSources.Additions(context, parsed) is { Count: > 0 } additions)
            {
                parsed = CommandLine.Create(context).Parse([.. args, .. additions]);
                if (parsed.Errors.Count > 0)
                {
                    return Failures.Report(context, args, Reason.Usage, CommandLine.ProblemOf(context, parsed), context.Texts.Text(Message.SeeHelp, CommandLine.PathOf(parsed)));
                }
            }

            if (!context.Privileges.IsRoot && RootCommands.Contain(parsed, name => context.Profiles.Find(name) is not null, Options.ProfileOf(parsed, context)))
            {
                return await context.Privileges.RunAsync(context, args);
            }

            // A second request to end must not cut off the last words: the command's own handler is gone by then.
            using var patience = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => c.Cancel = true);
            var started = context.Time.GetUtcNow();
            var code = await InvokeAsync(context, parsed, args);
            if (code is null)
            {
                return await context.Privileges.RunAsync(context, args);
            }

            Record(context, parsed, args, started, code.Value);
            return code.Value;
        }
        catch (Exception e)
        {
            return Failures.Report(context, args, e);
        }
        finally
        {
            UserFiles.GiveBack(context.Home, context.Variable);
        }
    }

    // Null: the command needs root to go on.
    private static async Task<int?> InvokeAsync(CommandContext context, ParseResult parsed, string[] args)
    {
        try
        {
            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, Output = context.Out, Error = context.Error, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
        }
        catch (RootNeededException)
        {
            return null;
        }
        catch (Exception e)
        {
            return Failures.Report(context, args, e);
        }
    }

    private static async Task<int> PublishAsync(string node, string[] ports)
    {
        using var end = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => { c.Cancel = true; end.Cancel(); });
        return await PublishedPorts.RunAsync(node, ports, end.Token);
    }

    private static async Task<int> RunProbesAsync(CancellationToken ct)
    {
        await using var input = Console.OpenStandardInput();
        await using var output = Console.OpenStandardOutput();
        var requests = await JsonSerializer.DeserializeAsync(input, ProbeJson.Default.ListProbeRequest, ct) ?? [];
        await JsonSerializer.SerializeAsync(output, [.. await Prober.RunAsync(requests, ct)], ProbeJson.Default.ListProbeResult, ct);
        return 0;
    }

    private static void Record(CommandContext context, ParseResult parsed, string[] args, DateTimeOffset started, int code)
    {
        var profile = Options.ProfileOf(parsed, context);
        var user = parsed.GetValue<string?>("--user") ?? context.Variable("SUDO_USER") ?? context.Variable("USER") ?? "root";
        var command = CommandLine.PathOf(parsed).TrimEnd();
        var rest = string.Join(' ', args.Where(a => !command.Split(' ').Contains(a)));
        new AuditLog(context.Home, profile).Record(new(command, rest, profile, user, Versions.Program, started, context.Time.GetUtcNow(), code));
    }

    private static async Task<int> RunNodeAsync(string file)
    {
        using var end = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => { c.Cancel = true; end.Cancel(); });
        var config = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(file), NodeConfigJson.Default.NodeConfig) ?? throw new MachineException(MachineFault.Provision, $"{file} is empty");
        try
        {
            await NodeHost.RunAsync(config, end.Token);
            return 0;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return 0;
        }
    }
}
