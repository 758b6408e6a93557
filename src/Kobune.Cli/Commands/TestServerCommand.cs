using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.TestServers;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>kobune test-server: a control plane with simulated nodes in this process, for tests in any language; and `test-server assets`, which makes a folder for KUBEBUILDER_ASSETS.</summary>
internal static class TestServerCommand
{
    public static Command Create(CommandContext context)
    {
        var port = Options.Of<int>(context, Message.TestServerPortOption, "--port");
        var kubeconfig = Options.Of<string?>(context, Message.TestServerKubeconfigOption, "--kubeconfig");
        var nodes = Options.Of<int>(context, Message.TestServerNodesOption, "--nodes", "-n");
        nodes.DefaultValueFactory = _ => 1;
        var version = Options.Of<string?>(context, Message.VersionOption, "--kubernetes-version");
        var gates = Options.Of<string?>(context, Message.FeatureGatesOption, "--feature-gates");
        var extra = Options.Of<string[]>(context, Message.TestServerExtraOption, "--extra-config");
        var bare = Options.Of<bool>(context, Message.TestServerBareOption, "--api-only");
        var parent = Options.Of<bool>(context, Message.TestServerStdinOption, "--until-stdin-closes");
        var output = Options.Output(context, "text", "json");
        foreach (var (option, most) in new[] { (port, 65535), (nodes, TestServer.MostNodes) })
        {
            option.Validators.Add(result =>
            {
                if (result.Tokens is [var token] && !(int.TryParse(token.Value, out var number) && number >= 0 && number <= most))
                {
                    result.AddError(context.Texts.Text(Message.BadValue, $"\"{token.Value}\"", option.Name));
                }
            });
        }

        var command = new Command("test-server", context.Texts.Text(Message.TestServerSummary)) { port, kubeconfig, nodes, version, gates, extra, bare, parent, output };
        command.Subcommands.Add(CreateAssets(context));
        command.SetAction(async (parsed, ct) =>
        {
            var settings = KubernetesCheck.Settings(
                new() { Version = parsed.GetValue(version), FeatureGates = parsed.GetValue(gates), ExtraConfig = parsed.GetResult(extra) is null ? null : parsed.GetValue(extra) },
                new KubernetesSettings(),
                "kobune-test",
                exists: false);
            await new TestServer(context, context.Reporter(parsed.GetValue(output) == "json")).RunAsync(
                new TestServerRequest
                {
                    Port = parsed.GetValue(port),
                    Kubeconfig = parsed.GetValue(kubeconfig),
                    Nodes = parsed.GetValue(nodes),
                    Kubernetes = settings,
                    ApiOnly = parsed.GetValue(bare),
                    UntilStdinCloses = parsed.GetValue(parent),
                },
                ct);
            return 0;
        });
        return command;
    }

    private static Command CreateAssets(CommandContext context)
    {
        var folder = new Argument<string>("DIR") { Description = context.Texts.Text(Message.TestServerAssetsArgument) };
        var version = Options.Of<string?>(context, Message.VersionOption, "--kubernetes-version");
        var output = Options.Output(context, "text", "json");
        var command = new Command("assets", context.Texts.Text(Message.TestServerAssetsSummary)) { folder, version, output };
        command.SetAction(async (parsed, ct) =>
        {
            var path = Path.GetFullPath(parsed.GetValue(folder)!);
            AssetFolder.Write(path, Environment.ProcessPath!, parsed.GetValue(version) is { } text ? KubernetesReleases.Resolve(text) : null);
            var line = parsed.GetValue(output) == "json" ? JsonText.Write(w => { w.WriteStartObject(); w.WriteString("KUBEBUILDER_ASSETS", path); w.WriteEndObject(); }) : $"export KUBEBUILDER_ASSETS=\"{path}\"";
            await context.Out.WriteLineAsync(line.AsMemory(), ct);
            return 0;
        });
        return command;
    }
}
