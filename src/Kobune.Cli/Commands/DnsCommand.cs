using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;
using Kobune.Machine.State;

namespace Kobune.Cli.Commands;

/// <summary>kobune dns install, dns uninstall: whether this computer asks the cluster about the hosts of its Ingresses.</summary>
internal static class DnsCommand
{
    public static Command Create(CommandContext context) => new("dns", context.Texts.Text(Message.DnsSummary)) { Install(context), Uninstall(context) };

    /// <summary>A domain as it stands in a resolver's file: without dots at its ends; null when it is none.</summary>
    internal static string? Domain(string text)
    {
        var domain = text.Trim('.').ToLowerInvariant();
        return domain.Length is > 0 and < 254 && domain.Split('.').All(l => l.Length is > 0 and < 64 && l.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')) ? domain : null;
    }

    private static Command Install(CommandContext context)
    {
        var domain = Options.Of<string>(context, Message.IngressDomainOption, "--domain");
        domain.DefaultValueFactory = _ => "test";
        var command = new Command("install", context.Texts.Text(Message.DnsInstallSummary)) { domain };
        command.SetAction(async (parsed, ct) =>
        {
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            var text = parsed.GetValue(domain)!;
            var name = Domain(text) ?? throw new CliException(Reason.Usage, Message.BadValue, text, "--domain");
            await new ClusterStatus(context).RequireRunningAsync(profile, healthy: false, ct);
            var file = await HostDns.OfHost.InstallAsync(new(context.Home.Journal(profile.Name)), context.Home.IdOf(profile.Name), name, profile.Primary.IP, ct);
            context.Reporter().Info(Icon.Celebrate, Message.DnsInstalled, name, profile.Primary.IP, file);
            if (HostDns.OfHost.Kind == ResolverKind.ResolvConf)
            {
                context.Reporter().Warn(Message.DnsWholeResolver, file);
            }

            return 0;
        });
        return command;
    }

    private static Command Uninstall(CommandContext context)
    {
        var command = new Command("uninstall", context.Texts.Text(Message.DnsUninstallSummary));
        command.SetAction(async (parsed, ct) =>
        {
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            var known = new Journal(context.Home.Journal(profile.Name)).Read().Any(c => c.Kind == HostChangeKind.Resolver);
            await new HostUndo(context.Home, context.Time).RunAsync(profile.Name, null, ct, keep: c => c.Kind != HostChangeKind.Resolver);
            context.Reporter().Info(Icon.Stopped, known ? Message.DnsUninstalled : Message.DnsNotInstalled, profile.Name);
            return 0;
        });
        return command;
    }
}
