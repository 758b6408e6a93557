using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Kobune.Addons.Catalog;
using Kobune.Cli.Clusters;
using Kobune.Cli.Mounts;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune start</summary>
internal static partial class StartCommand
{
    public static Command Create(CommandContext context)
    {
        var driver = Options.Of<string?>(context, Message.DriverOption, "--driver", "-d", "--vm-driver");
        var nodes = Options.Of<int?>(context, Message.NodesOption, "--nodes", "-n");
        var cpus = Options.Of<string?>(context, Message.CpusOption, "--cpus");
        var memory = Options.Of<string?>(context, Message.MemoryOption, "--memory", "-m");
        var wait = Options.Of<string?>(context, Message.WaitOption, "--wait");
        var timeout = Options.Of<string?>(context, Message.WaitTimeoutOption, "--wait-timeout");
        var subnet = Options.Of<string?>(context, Message.SubnetOption, "--subnet");
        var staticIP = Options.Of<string?>(context, Message.StaticIPOption, "--static-ip");
        var ports = Options.Of<string[]>(context, Message.PortsOption, "--ports");
        ports.AllowMultipleArgumentsPerToken = false;
        var install = Options.Of<bool>(context, Message.InstallOption, "--install");
        var noInstall = Options.Of<bool>(context, Message.NoInstallOption, "--no-install");
        var output = Options.Output(context, "text", "json");
        var keep = Options.Of<bool>(context, Message.KeepContextOption, "--keep-context");
        var interactive = Options.Of<bool>(context, Message.InteractiveOption, "--interactive");
        var force = Options.Of<bool>(context, Message.ForceOption, "--force");
        var addons = Options.Of<string[]>(context, Message.StartAddonsOption, "--addons");
        addons.CompletionSources.Add([.. AddonCatalog.All.Where(a => a.IsBuiltIn).Select(a => a.Name)]);
        var installAddons = Options.Of<bool>(context, Message.InstallAddonsOption, "--install-addons");
        installAddons.DefaultValueFactory = _ => true;
        var download = Options.Of<bool>(context, Message.DownloadOnlyOption, "--download-only");
        var embed = Options.Of<bool>(context, Message.EmbedCertsOption, "--embed-certs");
        var kubernetes = new KubernetesOptions(context);
        var mirrors = Options.Of<string[]>(context, Message.RegistryMirrorOption, "--registry-mirror");
        var insecure = Options.Of<string[]>(context, Message.InsecureRegistryOption, "--insecure-registry");
        var dryRun = Options.Of<bool>(context, Message.DryRunOption, "--dry-run");
        var command = new Command("start", context.Texts.Text(Message.StartSummary))
        {
            driver, nodes, cpus, memory, wait, timeout, subnet, staticIP, ports, install, noInstall, output, keep, interactive, force, addons, installAddons, download, embed, mirrors, insecure, dryRun,
        };
        kubernetes.AddTo(command);
        var mounts = StartMounts.AddTo(context, command);
        command.SetAction(async (parsed, ct) =>
        {
            var request = new StartRequest
            {
                Profile = Options.ProfileOf(parsed, context),
                Driver = parsed.GetValue(driver),
                Nodes = parsed.GetValue(nodes),
                Cpus = parsed.GetValue(cpus),
                Memory = parsed.GetValue(memory),
                Kubernetes = kubernetes.Read(parsed),
                Subnet = parsed.GetValue(subnet),
                StaticIP = parsed.GetValue(staticIP),
                Ports = [.. (parsed.GetValue(ports) ?? []).SelectMany(p => p.Split(','))],
                Wait = parsed.GetValue(wait) is { } words ? WaitPlan.Parse(words) : WaitPlan.Default,
                WaitTimeout = parsed.GetValue(timeout) is { } text ? Duration(text) : TimeSpan.FromMinutes(6),
                Install = !parsed.GetValue(noInstall),
                KeepContext = parsed.GetValue(keep),
                Addons = [.. (parsed.GetValue(addons) ?? []).SelectMany(a => a.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))],
                InstallAddons = parsed.GetValue(installAddons),
                DownloadOnly = parsed.GetValue(download),
                DryRun = parsed.GetValue(dryRun),
                Force = parsed.GetValue(force),
                RegistryMirrors = Words(parsed.GetResult(mirrors) is null ? null : parsed.GetValue(mirrors)),
                InsecureRegistries = Words(parsed.GetResult(insecure) is null ? null : parsed.GetValue(insecure)),
                Mounts = mounts.Read(parsed),
            };
            ClusterStarter.RequireRoot(context, request);
            var reporter = context.Reporter(parsed.GetValue(output) == "json");
            kubernetes.WarnAboutIgnored(parsed, reporter);
            await new ClusterStarter(context, reporter).RunAsync(request, ct);
            return 0;
        });
        return command;
    }

    // Given several times, or with commas; null when it was not given at all.
    private static List<string>? Words(string[]? values) => values is null ? null : [.. values.SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>Reads a duration as Go writes it: "6m", "1m30s".</summary>
    internal static TimeSpan Duration(string text)
    {
        var match = DurationPattern().Match(text);
        if (!match.Success || text.Length == 0)
        {
            throw new CliException(Reason.Usage, Message.BadValue, $"\"{text}\"", "--wait-timeout");
        }

        double Part(string name) => match.Groups[name].Success ? double.Parse(match.Groups[name].Value, CultureInfo.InvariantCulture) : 0;
        return TimeSpan.FromSeconds((Part("h") * 3600) + (Part("m") * 60) + Part("s"));
    }

    [GeneratedRegex(@"^((?<h>[0-9.]+)h)?((?<m>[0-9.]+)m)?((?<s>[0-9.]+)s)?$")]
    private static partial Regex DurationPattern();
}
