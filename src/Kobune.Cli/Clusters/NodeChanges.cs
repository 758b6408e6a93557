using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;
using Kobune.Cli.Texts;
using Kobune.Client;
using Kobune.Machine;
using Kobune.Machine.Host;

namespace Kobune.Cli.Clusters;

/// <summary>Adds, removes, starts and stops single nodes of a cluster.</summary>
internal sealed class NodeChanges(CommandContext context, Reporter reporter)
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(60);

    /// <summary>Adds a worker. The other nodes learn the way to its pods first.</summary>
    public async Task AddAsync(ProfileConfig before, CancellationToken ct)
    {
        var index = before.Nodes.Max(n => ClusterPlan.IndexOf(before.Name, n.Name)) + 1;
        var node = ClusterPlan.Node(before, index);
        if (context.Profiles.Find(node.Name) is not null)
        {
            throw new CliException(Reason.NodeAdd, Message.NameConflict, node.Name, node.Name);
        }

        reporter.Step(Icon.NodeStart, "Starting Node", Message.AddingNode, node.Name, before.Name, "worker");
        var profile = before with { Nodes = [.. before.Nodes, node] };
        context.Profiles.Save(profile);
        try
        {
            await TellOthersAsync(before, $"ip route replace {node.PodCidr} via {node.IP}; {RouteV6("replace", node)}grep -qw {node.Name} /etc/hosts || printf '%s\\t%s\\n' {node.IP} {node.Name} >>/etc/hosts", ct);
            _ = ClusterKeys.Prepare(context.Home, profile, context.Time);
            await new MachineStarter(context, reporter).StartAsync(profile, node, isNew: true, Task.CompletedTask, ct);
            await new ClusterWaiter(context, profile).RunAsync(WaitPlan.None with { NodeReady = true }, ReadyLimit, ct);
        }
        catch
        {
            await context.Driver.DeleteMachineAsync(profile.Name, node.Name, CancellationToken.None);
            context.Profiles.Save(before);
            throw;
        }

        reporter.Step(Icon.Done, "Done", Message.NodeAdded, node.Name, profile.Name);
    }

    /// <summary>Drains a worker and removes it.</summary>
    public async Task DeleteAsync(ProfileConfig profile, ProfileNode node, CancellationToken ct)
    {
        if (node == profile.Primary)
        {
            throw new CliException(Reason.NodeDelete, Message.NoDeleteOfPrimary, node.Name) { Advice = (Message.DeleteWholeCluster, [profile.Name]) };
        }

        reporter.Step(Icon.Delete, "Deleting", Message.DeletingNode, node.Name, profile.Name);
        using var api = context.Api(profile);
        var client = api.Client(context.Time);
        await DrainAsync(client, node.Name, ct);
        await context.Driver.StopMachineAsync(profile.Name, node.Name, ct);
        await context.Driver.DeleteMachineAsync(profile.Name, node.Name, ct);
        try
        {
            await client.DeleteAsync<Api.Core.V1.Node>("", node.Name, null, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // it never registered
        }

        var after = profile with { Nodes = [.. profile.Nodes.Where(n => n.Name != node.Name)] };
        context.Profiles.Save(after);
        await TellOthersAsync(after, $"ip route delete {node.PodCidr}; {RouteV6("delete", node)}sed -i '/\\t{node.Name}$/d' /etc/hosts; true", ct);
        reporter.Step(Icon.Deleted, "Done", Message.NodeDeleted, node.Name);
    }

    /// <summary>Starts a node that does not run.</summary>
    public async Task StartAsync(ProfileConfig profile, ProfileNode node, CancellationToken ct)
    {
        if (context.Driver.StateOf(node.Name) == MachineState.Running)
        {
            reporter.Info(Icon.Running, Message.NodeRunsAlready, node.Name);
            return;
        }

        await new MachineStarter(context, reporter).StartAsync(profile, node, isNew: false, Task.CompletedTask, ct);
        if (context.Driver.StateOf(profile.Primary.Name) == MachineState.Running)
        {
            await new ClusterWaiter(context, profile with { Nodes = [profile.Primary, .. node == profile.Primary ? [] : new[] { node }] }).RunAsync(WaitPlan.None with { ApiServer = true, NodeReady = true }, ReadyLimit, ct);
        }

        reporter.Step(Icon.Done, "Done", Message.NodeStarted, node.Name);
    }

    /// <summary>Stops a node; its disk stays.</summary>
    public async Task StopAsync(ProfileConfig profile, ProfileNode node, CancellationToken ct)
    {
        reporter.Step(Icon.Stopping, "Stopping", Message.StoppingNode, node.Name);
        await context.Driver.StopMachineAsync(profile.Name, node.Name, ct);
        reporter.Step(Icon.Stopped, "Done", Message.NodeStopped, node.Name);
    }

    private static string RouteV6(string verb, ProfileNode node) => node.PodCidrV6 is { } pods ? $"ip -6 route {verb} {pods} via {node.IPv6}; " : "";

    private async Task TellOthersAsync(ProfileConfig profile, string script, CancellationToken ct)
    {
        foreach (var other in profile.Nodes.Where(n => context.Driver.StateOf(n.Name) == MachineState.Running))
        {
            var command = context.Driver.CommandIn(other.Name, ["/bin/sh", "-c", "PATH=/usr/sbin:/usr/bin:/sbin:/bin; " + script]);
            await Programs.RunAsync(command.FileName, [.. command.ArgumentList], ct);
        }
    }

    // As `kubectl drain --ignore-daemonsets --delete-emptydir-data --force` would, with a limit: a node that is to go is not kept by a pod that will not.
    private async Task DrainAsync(KubernetesClient client, string node, CancellationToken ct)
    {
        try
        {
            await client.PatchAsync<Api.Core.V1.Node>("", node, Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["unschedulable"] = true } }), null, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return;
        }

        var start = context.Time.GetTimestamp();
        while (true)
        {
            var pods = (await client.ListAsync<Pod>("", new() { FieldSelector = "spec.nodeName=" + node }, ct)).Items.Where(MustGo).ToList();
            if (pods.Count == 0 || context.Time.GetElapsedTime(start) > DrainLimit)
            {
                return;
            }

            foreach (var pod in pods.Where(p => p.Metadata.DeletionTimestamp is null))
            {
                await DeleteAsync(client, pod, ct);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), context.Time, ct);
        }
    }

    private static async Task DeleteAsync(KubernetesClient client, Pod pod, CancellationToken ct)
    {
        try
        {
            await client.DeleteAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, null, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // gone meanwhile
        }
    }

    private static bool MustGo(Pod pod) =>
        !pod.Metadata.Annotations.ContainsKey("kubernetes.io/config.mirror") && !pod.Metadata.OwnerReferences.Any(o => o is { Kind: "DaemonSet", Controller: true });
}
