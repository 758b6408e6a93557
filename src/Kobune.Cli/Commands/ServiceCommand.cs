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
        var command = new Command("service", context.Texts.Text(Message.ServiceSummary)) { names, ns, url, https, all, format, wait, List(context) };
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
            var view = new View(context, api, profile, parsed.GetValue(format)!, parsed.GetValue(https));
            var services = wanted.Length == 0 ? await view.AllAsync(room, ct) : await view.NamedAsync(room, wanted, TimeSpan.FromSeconds(parsed.GetValue(wait)), ct);
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
            var services = await new View(context, api, profile, DefaultFormat, false).AllAsync(parsed.GetValue(ns) ?? "", ct);
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
            if (Programs.Find("xdg-open") is { } browser && (context.Variable("DISPLAY") ?? context.Variable("WAYLAND_DISPLAY")) is not null)
            {
                reporter.Info(Icon.Celebrate, Message.OpeningService, service.Namespace, service.Name);
                using var process = Process.Start(new ProcessStartInfo(browser, [service.Urls[0]]) { RedirectStandardError = true, RedirectStandardOutput = true });
            }
        }
    }

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

    /// <summary>Reads Services with one way of showing them.</summary>
    private sealed class View(CommandContext context, ClusterApi api, ProfileConfig profile, string format, bool https)
    {
        public async Task<IReadOnlyList<ServiceUrls>> AllAsync(string ns, CancellationToken ct)
        {
            try
            {
                var list = await api.GetAsync(ns.Length == 0 ? "/api/v1/services" : $"/api/v1/namespaces/{ns}/services", ct);
                return [.. list!.Value.GetProperty("items").EnumerateArray().Select(Of)];
            }
            catch (HttpRequestException e)
            {
                throw new CliException(Reason.ServiceList, Message.ServiceListFailed, e.Message);
            }
        }

        public async Task<IReadOnlyList<ServiceUrls>> NamedAsync(string ns, string[] names, TimeSpan limit, CancellationToken ct)
        {
            var found = new List<ServiceUrls>();
            foreach (var name in names)
            {
                var service = await FindAsync(ns, name, limit, ct);
                if (service.Urls.Count > 0 && service.Selector.Length > 0)
                {
                    await RequirePodAsync(service, limit, ct);
                }

                found.Add(service);
            }

            return found;
        }

        private ServiceUrls Of(JsonElement service)
        {
            try
            {
                return ServiceUrls.Of(service, profile.Primary.IP, format, https);
            }
            catch (FormatException e)
            {
                throw new CliException(Reason.Usage, Message.BadValue, e.Message, "--format");
            }
        }

        private async Task<ServiceUrls> FindAsync(string ns, string name, TimeSpan limit, CancellationToken ct)
        {
            for (var start = context.Time.GetTimestamp(); ;)
            {
                if (await api.GetAsync($"/api/v1/namespaces/{ns}/services/{name}", ct) is { } service)
                {
                    return Of(service);
                }

                if (context.Time.GetElapsedTime(start) > limit)
                {
                    throw new CliException(Reason.ServiceNotFound, Message.ServiceMissing, name, ns) { Advice = (Message.ServiceMissingAdvice, [name]) };
                }

                await Task.Delay(TimeSpan.FromMilliseconds(500), context.Time, ct);
            }
        }

        private async Task RequirePodAsync(ServiceUrls service, TimeSpan limit, CancellationToken ct)
        {
            for (var start = context.Time.GetTimestamp(); ;)
            {
                var pods = await api.GetAsync($"/api/v1/namespaces/{service.Namespace}/pods?labelSelector={Uri.EscapeDataString(service.Selector)}", ct);
                if (pods!.Value.GetProperty("items").EnumerateArray().Any(p => p.GetProperty("status").TryGetProperty("phase", out var phase) && phase.GetString() == "Running"))
                {
                    return;
                }

                if (context.Time.GetElapsedTime(start) > limit)
                {
                    throw new CliException(Reason.ServiceUnreachable, Message.ServiceUnreachable, service.Name);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(500), context.Time, ct);
            }
        }
    }
}
