using System.CommandLine;
using Kobune.Cli.Clusters;
using Kobune.Cli.Output;
using Kobune.Cli.Shells;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Commands;

/// <summary>
/// kobune docker-env, podman-env: they point a shell's docker or podman at the engine in a node. Nodes here have containerd alone, which speaks neither's
/// protocol, so both say so, as minikube does for such clusters, in a form that makes an `eval` fail; -u undoes what another tool set.
/// </summary>
internal static class ContainerEnvCommands
{
    private static readonly string[] DockerVariables = ["DOCKER_TLS_VERIFY", "DOCKER_HOST", "DOCKER_CERT_PATH", "MINIKUBE_ACTIVE_DOCKERD"];
    private static readonly string[] PodmanVariables = ["CONTAINER_HOST", "CONTAINER_SSHKEY", "MINIKUBE_ACTIVE_PODMAN"];

    public static Command CreateDocker(CommandContext context) => Create(context, "docker-env", Message.DockerEnvSummary, "docker", DockerVariables);

    public static Command CreatePodman(CommandContext context) => Create(context, "podman-env", Message.PodmanEnvSummary, "crio", PodmanVariables);

    private static Command Create(CommandContext context, string name, Message summary, string runtime, string[] variables)
    {
        var shell = Options.Of<string?>(context, Message.EnvShellOption, "--shell");
        var unset = Options.Of<bool>(context, Message.EnvUnsetOption, "--unset", "-u");
        var command = new Command(name, context.Texts.Text(summary)) { shell, unset };
        foreach (var (option, message) in new[] { ("--no-proxy", Message.EnvIgnoredOption), ("--ssh-host", Message.EnvIgnoredOption), ("--ssh-add", Message.EnvIgnoredOption) })
        {
            command.Options.Add(Options.Of<bool>(context, message, option));
        }

        command.Options.Add(Options.Output(context, "text", "json", "yaml"));
        command.SetAction(async (parsed, ct) =>
        {
            var syntax = ShellSyntax.For(parsed.GetValue(shell) ?? context.Variable("SHELL"));
            if (parsed.GetValue(unset))
            {
                await context.Out.WriteAsync(syntax.Unset(variables, context.Variable).AsMemory(), ct);
                return 0;
            }

            try
            {
                await RefuseAsync(context, parsed, name, runtime, ct);
                return 0;
            }
            catch (CliException e)
            {
                await context.Out.WriteLineAsync($"false exit code {e.Reason.ExitCode}".AsMemory(), ct); // what an eval of this output runs
                throw;
            }
        });
        return command;
    }

    private static async Task RefuseAsync(CommandContext context, ParseResult parsed, string name, string runtime, CancellationToken ct)
    {
        var profile = context.Profiles.Get(Options.ProfileOf(parsed, context));
        await new ClusterStatus(context).RequireRunningAsync(profile, healthy: false, ct);
        throw profile.Nodes.Count > 1
            ? new CliException(Reason.EnvMultinode, Message.EnvMultinode, name) { Advice = (Message.EnvAdvice, []) }
            : new CliException(Reason.Usage, Message.EnvRuntime, name, runtime, profile.KubernetesConfig.ContainerRuntime) { Advice = (Message.EnvAdvice, []) };
    }
}
