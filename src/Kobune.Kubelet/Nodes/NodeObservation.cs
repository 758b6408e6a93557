using Kobune.Api;
using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Nodes;

/// <summary>What the kubelet sees of its node at one moment.</summary>
internal sealed record NodeObservation(MachineFacts Machine, DateTimeOffset Now)
{
    internal long MemoryAvailable { get; init; }

    internal long StorageBytes { get; init; }

    internal string RuntimeVersion { get; init; } = "";

    /// <summary>Why the runtime or its network is not ready; empty when both are.</summary>
    internal IReadOnlyList<string> Problems { get; init; } = [];

    internal IReadOnlyList<ContainerImage> Images { get; init; } = [];

    internal int KubeletPort { get; init; }
}

/// <summary>The Node's status from an observation (kubelet/nodestatus/setters.go). Pure.</summary>
internal static class NodeStatusPlan
{
    /// <summary>Below this much free memory the kernel is about to kill (eviction-hard memory.available).</summary>
    internal const long MemoryReserve = 100L * 1024 * 1024;

    internal static NodeStatus Compute(KubeletOptions options, NodeObservation seen, NodeStatus old)
    {
        var capacity = Capacity(options, seen, old.Capacity);
        return old with
        {
            Capacity = capacity,
            Allocatable = Allocatable(options, capacity, old),
            Conditions = Conditions(seen, old.Conditions),
            Addresses = [.. options.NodeIPs.Select(ip => new NodeAddress { Type = "InternalIP", Address = ip }), new() { Type = "Hostname", Address = options.NodeName }],
            DaemonEndpoints = new() { KubeletEndpoint = new() { Port = seen.KubeletPort } },
            Images = seen.Images,
            NodeInfo = new()
            {
                MachineID = seen.Machine.MachineId,
                SystemUUid = seen.Machine.SystemUuid,
                BootID = seen.Machine.BootId,
                KernelVersion = seen.Machine.KernelVersion,
                OSImage = seen.Machine.OSImage,
                ContainerRuntimeVersion = seen.RuntimeVersion,
                KubeletVersion = options.KubeletVersion,
                OperatingSystem = "linux",
                Architecture = seen.Machine.Architecture,
            },
        };
    }

    /// <summary>Our own resources; entries of others (extended resources) stay.</summary>
    private static Dictionary<string, Quantity> Capacity(KubeletOptions options, NodeObservation seen, IReadOnlyDictionary<string, Quantity> old)
    {
        var capacity = new Dictionary<string, Quantity>(old)
        {
            ["cpu"] = new(seen.Machine.Cpus),
            ["memory"] = Quantity.Parse($"{seen.Machine.MemoryBytes / 1024}Ki"),
            ["pods"] = new(options.PodsPerCore > 0 ? Math.Min(options.MaxPods, options.PodsPerCore * seen.Machine.Cpus) : options.MaxPods),
            ["ephemeral-storage"] = Quantity.Parse($"{seen.StorageBytes / 1024}Ki"),
        };
        capacity.TryAdd("hugepages-1Gi", default);
        capacity.TryAdd("hugepages-2Mi", default);
        return capacity;
    }

    private static Dictionary<string, Quantity> Allocatable(KubeletOptions options, Dictionary<string, Quantity> capacity, NodeStatus old)
    {
        var allocatable = new Dictionary<string, Quantity>();
        foreach (var (name, amount) in capacity)
        {
            var reserved = options.SystemReserved.TryGetValue(name, out var text) ? Quantity.Parse(text) : default;
            var left = name == "memory" ? Quantity.Parse($"{Math.Max(0, amount.Value - MemoryReserve) / 1024}Ki") - reserved : amount - reserved;
            var foreign = name.Contains('/', StringComparison.Ordinal) && old.Allocatable.TryGetValue(name, out var set);
            allocatable[name] = foreign ? old.Allocatable[name] : left.Sign < 0 ? default : left;
        }

        return allocatable;
    }

    private static IReadOnlyList<NodeCondition> Conditions(NodeObservation seen, IReadOnlyList<NodeCondition> old)
    {
        var memory = seen.MemoryAvailable > 0 && seen.MemoryAvailable < MemoryReserve;
        List<NodeCondition> own =
        [
            Condition("MemoryPressure", memory, "KubeletHasInsufficientMemory", "kubelet has insufficient memory available", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            Condition("DiskPressure", false, "KubeletHasDiskPressure", "kubelet has disk pressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            Condition("PIDPressure", false, "KubeletHasInsufficientPID", "kubelet has insufficient PID available", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            seen.Problems.Count == 0
                ? new() { Type = "Ready", Status = "True", Reason = "KubeletReady", Message = "kubelet is posting ready status" }
                : new() { Type = "Ready", Status = "False", Reason = "KubeletNotReady", Message = seen.Problems.Count == 1 ? seen.Problems[0] : $"[{string.Join(", ", seen.Problems)}]" },
        ];
        return [.. old.Where(c => own.All(o => o.Type != c.Type)), .. own.Select(c => Dated(c, seen.Now, old.FirstOrDefault(o => o.Type == c.Type)))];
    }

    private static NodeCondition Condition(string type, bool holds, string reason, string message, string elseReason, string elseMessage) => new()
    {
        Type = type,
        Status = holds ? "True" : "False",
        Reason = holds ? reason : elseReason,
        Message = holds ? message : elseMessage,
    };

    private static NodeCondition Dated(NodeCondition condition, DateTimeOffset now, NodeCondition? old)
    {
        var second = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        return condition with { LastHeartbeatTime = second, LastTransitionTime = old?.Status == condition.Status ? old.LastTransitionTime ?? second : second };
    }

    /// <summary>Whether two statuses differ in more than heartbeats.</summary>
    internal static bool Differs(NodeStatus a, NodeStatus b) => !Still(a).Equals(Still(b));

    private static NodeStatus Still(NodeStatus status) => status with { Conditions = [.. status.Conditions.Select(c => c with { LastHeartbeatTime = null })] };
}
