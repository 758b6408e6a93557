using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine.Host;

namespace Kobune.Cli.Commands;

/// <summary>kobune service, kobune service list</summary>
internal static class ServiceCommand
{
    private const string DefaultFormat = "http://{{.IP}}:{{.Port}}";
    private static readonly string[] Header = ["NAMESPACE", "NAME", "TARGET PORT", "URL"];

    public static Command Create(CommandContext context)
    {
        var names = new Argument<string[]>("name") { Arity = ArgumentArity.ZeroOrMore };
        var ns = Options.Of<string?>(context, Message.NamespaceOption, "--namespace", "-n");
        var url = Options.Of<bool>(context, Message.UrlOption, "--url");
        var https = Options.Of<bool>(context, Message.HttpsOption, "--https");
        var all = Options.Of<bool>(context, Message.AllOption, "--all");
        var format = Options.Of<string>(context, Message.FormatOption, "--format");
        format.DefaultValueFactory = _ => DefaultFormat;
        var wait = Options.Of<int>(context, Message.WaitTimeoutOption, "--wait");
        wait.DefaultValueFactory = _ => 2;
        var interval = Options.Of<int>(context, Message.IntervalOption, "--interval");
        interval.DefaultValueFactory = _ => 1;
        var command = new Command("service", context.Texts.Text(Message.ServiceSummary)) { names, ns, url, https, all, format, wait, interval, List(context) };
        command.SetAction(async (parsed, ct) =>
        {
            var wanted = parsed.GetValue(names) ?? [];
            if (wanted.Length == 0 ? !parsed.GetValue(all) : parsed.GetValue(all))
            {
                throw new CliException(Reason.Usage, Message.ServiceNeedsName);
            }

            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            await new ClusterStatus(context).RequireRunningAsync(profile, healthy: true, ct);
            using var api = context.Api(profile);
            var room = parsed.GetValue(ns) ?? "default";
            var view = new ServiceView(context, api, profile, parsed.GetValue(format)!, parsed.GetValue(https));
            var services = wanted.Length == 0 ? await view.AllAsync(room, ct) : await view.NamedAsync(room, wanted, TimeSpan.FromSeconds(parsed.GetValue(wait)), TimeSpan.FromSeconds(parsed.GetValue(interval)), ct);
            await PrintAsync(context, services, parsed.GetValue(url), ct);
            return 0;
        });
        return command;
    }

    private static Command List(CommandContext context)
    {
        var ns = Options.Of<string?>(context, Message.NamespaceOption, "--namespace", "-n");
        var output = Options.Output(context, "table", "json");
        var command = new Command("list", context.Texts.Text(Message.ServiceListSummary)) { ns, output };
        command.SetAction(async (parsed, ct) =>
        {
            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            await new ClusterStatus(context).RequireRunningAsync(profile, healthy: true, ct);
            using var api = context.Api(profile);
            var services = await new ServiceView(context, api, profile, DefaultFormat, false).AllAsync(parsed.GetValue(ns) ?? "", ct);
            await context.Out.WriteAsync((parsed.GetValue(output) == "json" ? Json(services) + "\n" : Table(context, services)).AsMemory(), ct);
            return 0;
        });
        return command;
    }

    private static async Task PrintAsync(CommandContext context, IReadOnlyList<ServiceUrls> services, bool urlsOnly, CancellationToken ct)
    {
        if (urlsOnly)
        {
            foreach (var line in services.SelectMany(s => s.Urls))
            {
                await context.Out.WriteLineAsync(line.AsMemory(), ct);
            }
        }
        else
        {
            await context.Out.WriteAsync(Table(context, services).AsMemory(), ct);
        }

        var reporter = context.Reporter();
        if (services.Where(s => s.Urls.Count == 0).ToList() is { Count: > 0 } hidden)
        {
            reporter.Warn(Message.ServiceNotExposed, string.Join(' ', hidden.Select(s => $"{s.Namespace}/{s.Name}")));
        }

        foreach (var service in services.Where(s => !urlsOnly && s.Urls.Count > 0))
        {
            if (Browser(context) is { } browser)
            {
                reporter.Info(Icon.Celebrate, Message.OpeningService, service.Namespace, service.Name);
                using var process = Process.Start(new ProcessStartInfo(browser, [service.Urls[0]]) { RedirectStandardError = true, RedirectStandardOutput = true });
            }
        }
    }

    /// <summary>What opens a page here: the program that BROWSER names, the desktop's, or Windows' from inside WSL; null where there is no screen.</summary>
    private static string? Browser(CommandContext context) =>
        context.Variable("BROWSER") is { } own ? Programs.Find(own)
        : (context.Variable("DISPLAY") ?? context.Variable("WAYLAND_DISPLAY")) is not null && Programs.Find("xdg-open") is { } desktop ? desktop
        : context.Variable("WSL_DISTRO_NAME") is not null ? Programs.Find("wslview")
        : null;

    private static string Table(CommandContext context, IReadOnlyList<ServiceUrls> services) =>
        BoxTable.Render(Header, services.Select(s => s.Row(context.Texts.Text(Message.NoNodePort))));

    private static string Json(IReadOnlyList<ServiceUrls> services) => JsonText.Write(w =>
    {
        w.WriteStartArray();
        foreach (var service in services)
        {
            w.WriteStartObject();
            w.WriteString("Namespace", service.Namespace);
            w.WriteString("Name", service.Name);
            WriteList(w, "URLs", service.Urls);
            WriteList(w, "PortNames", service.Ports.Count == 0 ? ["No node port"] : service.Ports);
            w.WriteEndObject();
        }

        w.WriteEndArray();
    });

    private static void WriteList(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
