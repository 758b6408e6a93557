using System.Text.Json.Nodes;
using Kobune.Api.Coordination.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Client;
using Kobune.Grpc;
using Kobune.Kubelet.Events;
using Kobune.Kubelet.Runtime;
using Microsoft.Extensions.Logging;

namespace Kobune.Kubelet.Nodes;

/// <summary>Registers the node, keeps its status and renews its lease (kubelet_node_status.go, component-helpers/apimachinery/lease).</summary>
internal sealed partial class NodeReporter(KubeletOptions options, IClient client, ICriRuntime runtime, MachineFacts machine, IKubeletEvents events, TimeProvider time, ILogger logger)
{
    private const string LeaseNamespace = "kube-node-lease";
    private const int LeaseSeconds = 40;
    private const int MaxImages = 50;
    private const int MaxImageNames = 5;
    private static readonly TimeSpan LeasePeriod = TimeSpan.FromSeconds(10);

    /// <summary>An unchanged status is sent this often all the same.</summary>
    private static readonly TimeSpan ReportPeriod = TimeSpan.FromMinutes(5);

    /// <summary>A node that is not ready looks again soon: mostly it is the runtime that is still starting.</summary>
    private static readonly TimeSpan TroubledPeriod = TimeSpan.FromSeconds(1);

    private bool _troubled;
    private NodeStatus? _sent;
    private DateTimeOffset _sentAt;
    private Node? _node;

    /// <summary>The node as the server answered last.</summary>
    internal Node? Node => _node;

    /// <summary>Why the network is not ready; null when it is.</summary>
    internal string? NetworkProblem { get; private set; }

    /// <summary>The port that the node advertises.</summary>
    internal int KubeletPort { get; set; } = options.Port;

    /// <summary>Told when the network came or went.</summary>
    internal Action NetworkChanged { get; set; } = static () => { };

    /// <summary>Makes sure that the Node exists with our labels, and sends a first status.</summary>
    internal async Task RegisterAsync(CancellationToken ct)
    {
        var pause = TimeSpan.FromMilliseconds(100);
        while (true)
        {
            try
            {
                await EnsureNodeAsync(ct);
                await ReportAsync(ct);
                events.Node(EventReasons.Normal, EventReasons.Starting, "Starting kubelet.");
                return;
            }
            catch (Exception e) when (e is ApiException or HttpRequestException)
            {
                LogNotRegistered(options.NodeName, e.Message);
                await Task.Delay(pause, time, ct);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, TimeSpan.TicksPerSecond * 7));
            }
        }
    }

    /// <summary>The node as the API has it now; as it was known, when the API cannot be asked.</summary>
    internal async Task<Node?> RefreshAsync(CancellationToken ct)
    {
        try
        {
            _node = await client.GetAsync<Node>("", options.NodeName, ct);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException)
        {
            LogNotRead(options.NodeName, e.Message);
        }

        return _node;
    }

    internal Task RunAsync(CancellationToken ct) => Task.WhenAll(StatusLoopAsync(ct), LeaseLoopAsync(ct));

    /// <summary>Sends the status when it changed or is old.</summary>
    internal async Task ReportAsync(CancellationToken ct)
    {
        var seen = await ObserveAsync(ct);
        var node = await client.GetAsync<Node>("", options.NodeName, ct);
        var status = NodeStatusPlan.Compute(options, seen, node.Status);
        if (_sent is not null && !NodeStatusPlan.Differs(node.Status, status) && time.GetUtcNow() - _sentAt < ReportPeriod)
        {
            _node = node;
            return;
        }

        _node = NodeStatusPatch.Between(node.Status, status) is { } patch ? await client.PatchAsync<Node>("", options.NodeName, Patch.Strategic(patch), "status", ct) : node;
        TellReadiness(node.Status, status);
        _sent = status;
        _sentAt = time.GetUtcNow();
    }

    private void TellReadiness(NodeStatus before, NodeStatus after)
    {
        var was = before.Conditions.FirstOrDefault(c => c.Type == "Ready")?.Status;
        var now = after.Conditions.First(c => c.Type == "Ready").Status;
        if (was is not null && was != now)
        {
            var reason = now == "True" ? EventReasons.NodeReady : EventReasons.NodeNotReady;
            events.Node(EventReasons.Normal, reason, $"Node {options.NodeName} status is now: {reason}");
        }
    }

    private async Task EnsureNodeAsync(CancellationToken ct)
    {
        var labels = new Dictionary<string, string>(options.NodeLabels)
        {
            ["kubernetes.io/hostname"] = options.NodeName,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = machine.Architecture,
            ["beta.kubernetes.io/os"] = "linux",
            ["beta.kubernetes.io/arch"] = machine.Architecture,
        };
        var annotations = new Dictionary<string, string>(options.NodeAnnotations) { ["volumes.kubernetes.io/controller-managed-attach-detach"] = "true" };
        var seen = await ObserveAsync(ct);
        try
        {
            _node = await client.CreateAsync(
                new Node
                {
                    Metadata = new() { Name = options.NodeName, Labels = labels, Annotations = annotations },
                    Spec = new() { Taints = options.RegisterWithTaints, PodCIDR = options.PodCIDRs.FirstOrDefault(""), PodCIDRs = options.PodCIDRs },
                    Status = NodeStatusPlan.Compute(options, seen, NodeStatus.Empty),
                },
                ct);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            var node = await client.GetAsync<Node>("", options.NodeName, ct);
            var wanted = node with
            {
                Metadata = node.Metadata with { Labels = Merge(node.Metadata.Labels, labels), Annotations = Merge(node.Metadata.Annotations, annotations) },
            };
            _node = Patch.Between(node, wanted) is { } patch ? await client.PatchAsync<Node>("", options.NodeName, patch, null, ct) : node;
        }
    }

    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> old, Dictionary<string, string> more)
    {
        var merged = new Dictionary<string, string>(old);
        foreach (var (key, value) in more)
        {
            merged[key] = value;
        }

        return merged;
    }

    private async Task<NodeObservation> ObserveAsync(CancellationToken ct)
    {
        var problems = new List<string>();
        var version = "";
        IReadOnlyList<ContainerImage> images = [];
        string? network = null;
        try
        {
            var found = await runtime.VersionAsync(ct);
            version = $"{found.RuntimeName}://{found.RuntimeVersion}";
            foreach (var condition in (await runtime.StatusAsync(ct)).Status.Conditions.Where(c => !c.Status))
            {
                var text = $"{condition.Type}={(condition.Status ? "true" : "false")} reason:{condition.Reason} message:{condition.Message}";
                problems.Add(condition.Type == "NetworkReady" ? $"container runtime network not ready: {text}" : $"container runtime not ready: {text}");
                network = condition.Type == "NetworkReady" ? $"{condition.Message}" : network;
            }

            images = Images(await runtime.ListImagesAsync(ct));
        }
        catch (RpcException e)
        {
            problems.Add($"container runtime is down: {e.Detail}");
        }

        _troubled = problems.Count > 0;
        var changed = NetworkProblem != network;
        NetworkProblem = network;
        if (changed)
        {
            NetworkChanged();
        }

        Directory.CreateDirectory(options.RootDirectory);
        return new(machine, time.GetUtcNow())
        {
            MemoryAvailable = MachineFacts.MemInfo("MemAvailable"),
            StorageBytes = new DriveInfo(options.RootDirectory).TotalSize,
            RuntimeVersion = version,
            Problems = problems,
            Images = images,
            KubeletPort = KubeletPort,
        };
    }

    private static IReadOnlyList<ContainerImage> Images(IReadOnlyList<Cri.Image> images) =>
    [
        .. images.OrderByDescending(i => i.Size)
            .Take(MaxImages)
            .Select(i => new ContainerImage { Names = [.. i.RepoDigests.Concat(i.RepoTags).Take(MaxImageNames)], SizeBytes = (long)i.Size }),
    ];

    private async Task StatusLoopAsync(CancellationToken ct)
    {
        while (true)
        {
            await Task.Delay(_troubled ? TroubledPeriod : options.NodeStatusPeriod, time, ct);
            try
            {
                await ReportAsync(ct);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                await RegisterAsync(ct); // somebody deleted the Node
            }
            catch (Exception e) when (e is ApiException or HttpRequestException)
            {
                LogNotReported(options.NodeName, e.Message);
            }
        }
    }

    private async Task LeaseLoopAsync(CancellationToken ct)
    {
        Lease? lease = null;
        while (true)
        {
            var pause = LeasePeriod;
            try
            {
                lease = await RenewAsync(lease, ct);
            }
            catch (Exception e) when (e is ApiException or HttpRequestException)
            {
                lease = null;
                pause = TimeSpan.FromSeconds(1); // the namespace may not be there yet
                LogNoLease(options.NodeName, e.Message);
            }

            await Task.Delay(pause, time, ct);
        }
    }

    private async Task<Lease> RenewAsync(Lease? lease, CancellationToken ct)
    {
        if (lease is null)
        {
            try
            {
                lease = await client.GetAsync<Lease>(LeaseNamespace, options.NodeName, ct);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                return await client.CreateAsync(Renewed(new Lease { Metadata = new() { Name = options.NodeName, Namespace = LeaseNamespace, OwnerReferences = Owner() } }), ct);
            }
        }

        return await client.UpdateAsync(Renewed(lease), ct);
    }

    private IReadOnlyList<Kobune.Api.Meta.V1.OwnerReference> Owner() =>
        _node is { Metadata.Uid.Length: > 0 } node ? [new() { APIVersion = "v1", Kind = "Node", Name = node.Metadata.Name, Uid = node.Metadata.Uid }] : [];

    private Lease Renewed(Lease lease) => lease with
    {
        Spec = lease.Spec with { HolderIdentity = options.NodeName, LeaseDurationSeconds = LeaseSeconds, RenewTime = time.GetUtcNow() },
    };

    [LoggerMessage(LogLevel.Warning, "Node {Node} is not registered yet: {Message}")]
    private partial void LogNotRegistered(string node, string message);

    [LoggerMessage(LogLevel.Warning, "Node {Node} could not be read: {Message}")]
    private partial void LogNotRead(string node, string message);

    [LoggerMessage(LogLevel.Warning, "Status of node {Node} was not sent: {Message}")]
    private partial void LogNotReported(string node, string message);

    [LoggerMessage(LogLevel.Debug, "Lease of node {Node} was not renewed: {Message}")]
    private partial void LogNoLease(string node, string message);
}

/// <summary>The strategic patch between two statuses of a node: conditions and addresses merge by type, capacity by name.</summary>
internal static class NodeStatusPatch
{
    internal static JsonObject? Between(NodeStatus known, NodeStatus status)
    {
        var from = JsonNode.Parse(JsonText.Bytes(known))!.AsObject();
        var to = JsonNode.Parse(JsonText.Bytes(status))!.AsObject();
        var patch = new JsonObject();
        foreach (var (name, value) in to)
        {
            if (!JsonNode.DeepEquals(value, from[name]))
            {
                patch[name] = value?.DeepClone();
            }
        }

        return patch.Count == 0 ? null : new JsonObject { ["status"] = patch };
    }
}
