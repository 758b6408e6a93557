using System.Text.Json;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Machine;
using Kobune.Node;

namespace Kobune.Cli.Clusters;

/// <summary>Starts one machine of a profile with its node process.</summary>
internal sealed class MachineStarter(CommandContext context, Reporter reporter)
{
    /// <param name="profile">The whole profile, saved.</param>
    /// <param name="node">The node.</param>
    /// <param name="isNew">Whether it was never started.</param>
    /// <param name="disk">What is being written to its disk meanwhile.</param>
    /// <param name="ct">Cancels; what stands then is taken back by the driver.</param>
    public async Task StartAsync(ProfileConfig profile, ProfileNode node, bool isNew, Task disk, CancellationToken ct)
    {
        reporter.Step(Icon.NodeStart, "Starting Node", node.ControlPlane ? Message.StartingControlPlane : Message.StartingWorker, node.Name, profile.Name);
        var state = context.Driver.StateOf(node.Name);
        if (state == MachineState.Running && VersionOf(node) is { } version && version != node.KubernetesVersion)
        {
            reporter.Step(Icon.Restart, "Updating Driver", Message.UpgradingMachine, node.Name, version, node.KubernetesVersion);
            await context.Driver.StopMachineAsync(profile.Name, node.Name, ct);
            state = context.Driver.StateOf(node.Name);
        }

        if (state == MachineState.Running)
        {
            reporter.Step(Icon.Running, "Updating Driver", Message.UpdatingMachine, profile.Driver, node.Name);
            return;
        }

        if (!isNew && state == MachineState.Nonexistent)
        {
            reporter.Warn(Message.MachineMissing, node.Name);
        }

        if (!isNew && state == MachineState.Stopped)
        {
            reporter.Step(Icon.Restart, "Creating Container", Message.RestartingMachine, profile.Driver, node.Name);
        }
        else
        {
            reporter.Step(Icon.Create, "Creating Container", Message.CreatingMachine, profile.Driver, node.IP);
        }

        await WriteConfigAsync(profile, node, ct);
        var environment = new NodeEnvironment(context);
        await context.Driver.StartAsync(ClusterPlan.MachineOf(context.Home, profile, node, Environment.ProcessPath!, environment.For(profile)), disk, ct);
        if (node.ControlPlane)
        {
            environment.Tell(reporter);
            if (context.Driver.LacksBridgeFilter)
            {
                reporter.Warn(Message.BridgeFilterMissing);
            }
        }

        reporter.Step(Icon.Containerd, "Preparing Kubernetes", Message.PreparingKubernetes, node.KubernetesVersion);
    }

    /// <summary>Writes the node.json that the node process reads when it starts.</summary>
    public async Task WriteConfigAsync(ProfileConfig profile, ProfileNode node, CancellationToken ct)
    {
        var file = FileOf(node);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var draft = file + ".new";
        await File.WriteAllBytesAsync(draft, ConfigOf(profile, node), ct);
        File.Move(draft, file, overwrite: true);
    }

    /// <summary>The node.json of a node.</summary>
    public static byte[] ConfigOf(ProfileConfig profile, ProfileNode node) => JsonSerializer.SerializeToUtf8Bytes(ClusterPlan.NodeOf(profile, node), NodeConfigJson.Default.NodeConfig);

    /// <summary>Whether the profile's registries are others than those that the node was last told.</summary>
    public bool HasOtherRegistries(ProfileConfig profile, ProfileNode node) =>
        LastConfig(node) is not { } last || !last.RegistryMirrors.SequenceEqual(profile.RegistryMirror) || !last.InsecureRegistries.SequenceEqual(profile.InsecureRegistry);

    private string FileOf(ProfileNode node) => Path.Combine(ClusterKeys.DataFolderOf(context.Home, node.Name), "node.json");

    /// <summary>The version that the node process was last started with, or null.</summary>
    private string? VersionOf(ProfileNode node) => LastConfig(node)?.KubernetesVersion;

    private NodeConfig? LastConfig(ProfileNode node) =>
        File.Exists(FileOf(node)) ? JsonSerializer.Deserialize(File.ReadAllBytes(FileOf(node)), NodeConfigJson.Default.NodeConfig) : null;
}
