using System.CommandLine;
using System.Net;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Cli.Tunnels;
using Kobune.Machine.Host;

namespace Kobune.Cli.Commands;

/// <summary>kobune tunnel</summary>
internal static class TunnelCommand
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    public static Command Create(CommandContext context)
    {
        var cleanup = Options.Of<bool>(context, Message.TunnelCleanupOption, "--cleanup", "-c");
        cleanup.DefaultValueFactory = _ => true;
        var bind = Options.Of<string?>(context, Message.BindAddressOption, "--bind-address");
        var detach = Options.Of<bool>(context, Message.TunnelDetachOption, "--detach");
        var stop = Options.Of<bool>(context, Message.TunnelStopOption, "--stop");
        var command = new Command("tunnel", context.Texts.Text(Message.TunnelSummary)) { cleanup, bind, detach, stop };
        command.SetAction(async (parsed, ct) =>
        {
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            var registry = new TunnelRegistry(context.Home, context.Time);
            if (parsed.GetValue(stop))
            {
                var ended = await registry.StopAsync(profile.Primary.Name, ct);
                context.Reporter().Info(Icon.Stopped, ended ? Message.TunnelStopped : Message.TunnelNotThere, profile.Name);
                return 0;
            }

            await new ClusterStatus(context).RequireRunningAsync(profile, healthy: true, ct);
            var address = Address(parsed.GetValue(bind));
            if (parsed.GetValue(cleanup))
            {
                await CleanAsync(context, registry, ct);
            }

            if (parsed.GetValue(detach))
            {
                await DetachAsync(context, profile, registry, parsed.GetValue(bind), ct);
                return 0;
            }

            using var owner = Lock(context, profile, registry);
            await new TunnelRunner(context, profile, address).RunAsync(ct);
            return 0;
        });
        return command;
    }

    /// <summary>Null without the option; an empty value or * means all addresses.</summary>
    internal static IPAddress? Address(string? text) => text switch
    {
        null => null,
        "" or "*" => IPAddress.Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.TryParse(text, out var address) ? address : throw new CliException(Reason.Usage, Message.BadValue, text, "--bind-address"),
    };

    private static FolderLock Lock(CommandContext context, ProfileConfig profile, TunnelRegistry registry)
    {
        var folder = Path.Combine(context.Home.Profile(profile.Name), ".tunnel_lock");
        Directory.CreateDirectory(folder); // not a file: .NET locks files that it opens by the same call
        return FolderLock.TryAcquire(folder)
            ?? throw new CliException(Reason.TunnelRunning, Message.TunnelRunning, profile.Name, registry.Running(profile.Primary.Name)?.Pid ?? 0) { Advice = (Message.TunnelStopAdvice, [profile.Name]) };
    }

    private static async Task CleanAsync(CommandContext context, TunnelRegistry registry, CancellationToken ct)
    {
        foreach (var dead in await registry.CleanAsync(ct))
        {
            context.Reporter().Info(Icon.Delete, Message.TunnelCleaned, dead.MachineName, dead.Pid);
        }
    }

    // The background tunnel is this same command; it stands when its record is written and it has shown its first status.
    private static async Task DetachAsync(CommandContext context, ProfileConfig profile, TunnelRegistry registry, string? bind, CancellationToken ct)
    {
        Lock(context, profile, registry).Dispose(); // refused at once, in the caller's terminal
        var log = Path.Combine(context.Home.Profile(profile.Name), "tunnel.log");
        string[] arguments = ["tunnel", "-p", profile.Name, .. bind is null ? (string[])[] : ["--bind-address", bind]];
        var process = await DetachedProcess.StartAsync(Environment.ProcessPath!, arguments, log, ct);
        for (var started = context.Time.GetTimestamp(); !HasStatus(log);)
        {
            if (!process.IsRunning || context.Time.GetElapsedTime(started) > StartLimit)
            {
                await process.TerminateAsync(TimeSpan.FromSeconds(5), context.Time, ct);
                throw new CliException(Reason.TunnelStart, Message.TunnelFailed, LastWords(log));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), context.Time, ct);
        }

        await context.Out.WriteAsync((await File.ReadAllTextAsync(log, ct)).AsMemory(), ct);
        context.Reporter().Info(Icon.Running, Message.TunnelDetached, process.Pid, profile.Name);
    }

    private static bool HasStatus(string log) => File.Exists(log) && File.ReadAllText(log).Contains("loadbalancer emulator:", StringComparison.Ordinal);

    private static string LastWords(string log) => File.Exists(log) ? string.Join(' ', File.ReadLines(log).Where(l => l.Length > 0).TakeLast(3)) : "";
}
