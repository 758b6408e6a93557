using System.CommandLine;
using System.Text.Json;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune status; its exit code has a bit for each part that is not as it should be.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandContext context)
    {
        var output = Options.Output(context, "text", "json");
        var format = Options.Of<string?>(context, Message.FormatOption, "--format", "-f");
        var layout = Options.Of<string>(context, Message.LayoutOption, "--layout", "-l");
        layout.DefaultValueFactory = _ => "nodes";
        layout.AcceptOnlyFromAmong("nodes", "cluster");
        var node = Options.Of<string?>(context, Message.NodeOption, "--node", "-n");
        var watch = Options.Of<string?>(context, Message.WatchOption, "--watch", "-w");
        watch.Arity = ArgumentArity.ZeroOrOne;
        var command = new Command("status", context.Texts.Text(Message.StatusSummary)) { output, format, layout, node, watch };
        command.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetResult(output) is { Implicit: false } && parsed.GetValue(format) is not null)
            {
                throw new CliException(Reason.Usage, Message.BothFormats);
            }

            var shape = new Shape(parsed.GetValue(layout) == "cluster", parsed.GetValue(output) == "json", parsed.GetValue(format), parsed.GetValue(node));
            var interval = parsed.GetResult(watch) is { Implicit: false } ? parsed.GetValue(watch) is { } text ? StartCommand.Duration(text) : TimeSpan.FromSeconds(1) : (TimeSpan?)null;
            while (true)
            {
                var bits = await PrintAsync(context, Options.ProfileOf(parsed, context), shape, ct);
                if (interval is not { } pause)
                {
                    return bits;
                }

                await Task.Delay(pause, context.Time, ct);
            }
        });
        return command;
    }

    private sealed record Shape(bool IsCluster, bool IsJson, string? Template, string? Node);

    private static async Task<int> PrintAsync(CommandContext context, string name, Shape shape, CancellationToken ct)
    {
        var profile = context.Profiles.Get(name);
        var all = await new ClusterStatus(context).ReadAsync(profile, ct);
        var shown = shape.Node is { } node ? [Select(all, node)] : all;
        var text = shape.IsCluster ? ClusterLayout.Write(profile.Name, all) + "\n"
            : shape.IsJson ? Json(shown) + "\n"
            : shape.Template is { } template ? Formatted(template, shown)
            : Text(shown);
        await context.Out.WriteAsync(text.AsMemory(), ct);
        await context.Out.FlushAsync(ct);
        if (shown.Any(s => s.Kubeconfig == "Misconfigured"))
        {
            context.Reporter().Warn(Message.ContextWarning, profile.Name);
        }

        return shown.Aggregate(0, (bits, s) => bits | s.ExitBits);
    }

    internal static string Text(IReadOnlyList<NodeStatus> all) => string.Concat(all.Select(s =>
        $"{s.Name}\ntype: {(s.Worker ? "Worker" : "Control Plane")}\nhost: {s.Host}\nkubelet: {s.Kubelet}\n" + (s.Worker ? "" : $"apiserver: {s.APIServer}\nkubeconfig: {s.Kubeconfig}\n") + (s.TimeToStop.Length == 0 ? "" : $"timeToStop: {s.TimeToStop}\n") + "\n"));

    internal static string Json(IReadOnlyList<NodeStatus> all) => JsonText.Write(writer =>
    {
        if (all.Count > 1)
        {
            writer.WriteStartArray();
        }

        foreach (var status in all)
        {
            writer.WriteStartObject();
            foreach (var (name, value) in Fields(status).Where(f => f.Key is not ("Worker" or "DockerEnv" or "PodManEnv") && (f.Key != "TimeToStop" || f.Value.Length > 0)))
            {
                writer.WriteString(name, value);
            }

            writer.WriteBoolean("Worker", status.Worker);
            writer.WriteEndObject();
        }

        if (all.Count > 1)
        {
            writer.WriteEndArray();
        }
    });

    private static string Formatted(string template, IReadOnlyList<NodeStatus> all)
    {
        try
        {
            return string.Concat(all.Select(s => GoTemplate.Render(template, Fields(s)) + "\n"));
        }
        catch (FormatException e)
        {
            throw new CliException(Reason.Usage, Message.BadValue, e.Message, "--format");
        }
    }

    private static Dictionary<string, string> Fields(NodeStatus s) => new()
    {
        ["Name"] = s.Name,
        ["Host"] = s.Host,
        ["Kubelet"] = s.Kubelet,
        ["APIServer"] = s.APIServer,
        ["Kubeconfig"] = s.Kubeconfig,
        ["TimeToStop"] = s.TimeToStop,
        ["DockerEnv"] = "",
        ["PodManEnv"] = "",
        ["Worker"] = s.Worker ? "true" : "false",
    };

    private static NodeStatus Select(IReadOnlyList<NodeStatus> all, string name) =>
        all.FirstOrDefault(s => s.Name == name || s.Name.EndsWith("-" + name, StringComparison.Ordinal)) ?? throw new CliException(Reason.NodeRetrieve, Message.NodeNotFound, name);
}

/// <summary>`status -o json -l cluster`.</summary>
internal static class ClusterLayout
{
    public static string Write(string name, IReadOnlyList<NodeStatus> nodes) => JsonText.Write(writer =>
    {
        var primary = nodes[0];
        var (code, word) = Cluster(primary);
        writer.WriteStartObject();
        Head(writer, name, code, word);
        if (primary.TimeToStop.Length > 0)
        {
            writer.WriteString("TimeToStop", primary.TimeToStop);
        }

        writer.WriteString("BinaryVersion", Versions.Program);
        writer.WriteStartObject("Components");
        Part(writer, "kubeconfig", primary.Kubeconfig == "Configured" ? "Running" : primary.Kubeconfig == "Misconfigured" ? "Error" : primary.Kubeconfig);
        writer.WriteEndObject();
        writer.WriteStartArray("Nodes");
        foreach (var node in nodes)
        {
            writer.WriteStartObject();
            var (nodeCode, nodeWord) = Code(node.Host);
            Head(writer, node.Name, nodeCode, nodeWord);
            writer.WriteStartObject("Components");
            if (!node.Worker)
            {
                Part(writer, "apiserver", node.APIServer);
            }

            Part(writer, "kubelet", node.Kubelet);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static (int Code, string Word) Cluster(NodeStatus primary) => primary.Host != "Running" ? Code(primary.Host) : Code(primary.APIServer);

    private static (int Code, string Word) Code(string state) => state switch
    {
        "Running" => (200, "OK"),
        "Stopped" => (405, "Stopped"),
        "Nonexistent" => (404, "NotFound"),
        "Paused" => (418, "Paused"),
        "Error" => (500, "Error"),
        "InsufficientStorage" => (507, "InsufficientStorage"),
        _ => (520, "Unknown"),
    };

    private static void Head(Utf8JsonWriter writer, string name, int code, string word)
    {
        writer.WriteString("Name", name);
        writer.WriteNumber("StatusCode", code);
        writer.WriteString("StatusName", word);
    }

    private static void Part(Utf8JsonWriter writer, string name, string state)
    {
        var (code, word) = Code(state);
        writer.WriteStartObject(name);
        Head(writer, name, code, word);
        writer.WriteEndObject();
    }
}
