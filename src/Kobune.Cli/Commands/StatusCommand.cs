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
        var command = new Command("status", context.Texts.Text(Message.StatusSummary)) { output, format, layout, node };
        command.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetResult(output) is { Implicit: false } && parsed.GetValue(format) is not null)
            {
                throw new CliException(Reason.Usage, Message.BothFormats);
            }

            var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
            var all = await new ClusterStatus(context).ReadAsync(profile, ct);
            var shown = parsed.GetValue(node) is { } name ? [Select(all, name)] : all;
            if (parsed.GetValue(layout) == "cluster")
            {
                await context.Out.WriteLineAsync(ClusterLayout.Write(profile.Name, all).AsMemory(), ct);
            }
            else if (parsed.GetValue(output) == "json")
            {
                await context.Out.WriteLineAsync(Json(shown).AsMemory(), ct);
            }
            else
            {
                await context.Out.WriteAsync((parsed.GetValue(format) is { } template ? Formatted(template, shown) : Text(shown)).AsMemory(), ct);
            }

            if (shown.Any(s => s.Kubeconfig == "Misconfigured"))
            {
                context.Reporter().Warn(Message.ContextWarning, profile.Name);
            }

            return shown.Aggregate(0, (bits, s) => bits | s.ExitBits);
        });
        return command;
    }

    internal static string Text(IReadOnlyList<NodeStatus> all) => string.Concat(all.Select(s =>
        $"{s.Name}\ntype: {(s.Worker ? "Worker" : "Control Plane")}\nhost: {s.Host}\nkubelet: {s.Kubelet}\n" + (s.Worker ? "" : $"apiserver: {s.APIServer}\nkubeconfig: {s.Kubeconfig}\n") + "\n"));

    internal static string Json(IReadOnlyList<NodeStatus> all) => JsonText.Write(writer =>
    {
        if (all.Count > 1)
        {
            writer.WriteStartArray();
        }

        foreach (var status in all)
        {
            writer.WriteStartObject();
            foreach (var (name, value) in Fields(status).Where(f => f.Key != "Worker"))
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
