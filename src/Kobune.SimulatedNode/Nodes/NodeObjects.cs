using System.Security.Cryptography;
using System.Text;
using Kobune.Api.Coordination.V1;
using Kobune.Api.Core.V1;

namespace Kobune.SimulatedNode.Nodes;

/// <summary>Node and Lease objects as a kubelet makes them. Pure.</summary>
internal static class NodeObjects
{
    public const string LeaseNamespace = "kube-node-lease";

    public static Node Node(SimulatedNodeOptions options, int number, DateTimeOffset now)
    {
        var name = options.NameOf(number);
        var labels = new Dictionary<string, string>
        {
            ["kubernetes.io/hostname"] = name,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = "amd64",
            ["beta.kubernetes.io/os"] = "linux",
            ["beta.kubernetes.io/arch"] = "amd64",
        };
        foreach (var (key, value) in options.Labels.Concat(options.LabelsOf?.Invoke(number) ?? new Dictionary<string, string>()))
        {
            labels[key] = value;
        }

        return new()
        {
            Metadata = new() { Name = name, Labels = labels, Annotations = new Dictionary<string, string> { ["volumes.kubernetes.io/controller-managed-attach-detach"] = "true" } },
            Spec = new() { Taints = options.Taints },
            Status = Status(options, name, SimulatedNodes.AddressOf(number + 1), now),
        };
    }

    public static Lease Lease(SimulatedNodeOptions options, Node node, DateTimeOffset now) => new()
    {
        Metadata = new()
        {
            Name = node.Metadata.Name,
            Namespace = LeaseNamespace,
            OwnerReferences = [new() { APIVersion = "v1", Kind = "Node", Name = node.Metadata.Name, Uid = node.Metadata.Uid }],
        },
        Spec = new() { HolderIdentity = node.Metadata.Name, LeaseDurationSeconds = options.LeaseSeconds, RenewTime = now },
    };

    private static NodeStatus Status(SimulatedNodeOptions options, string name, string address, DateTimeOffset now) => new()
    {
        Capacity = options.Capacity,
        Allocatable = options.Capacity,
        Conditions =
        [
            Condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available", now),
            Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", now),
            Condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available", now),
            Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", now),
        ],
        Addresses = [new() { Type = "InternalIP", Address = address }, new() { Type = "Hostname", Address = name }],
        DaemonEndpoints = new() { KubeletEndpoint = new() { Port = 10250 } },
        NodeInfo = new()
        {
            MachineID = Id(name)[..32],
            SystemUUid = new Guid(Convert.FromHexString(Id(name)[..32])).ToString(),
            BootID = new Guid(Convert.FromHexString(Id(name + "/boot")[..32])).ToString(),
            KernelVersion = "6.1.0",
            OSImage = "Kobune simulated node",
            ContainerRuntimeVersion = "simulated://1.0.0",
            KubeletVersion = options.KubeletVersion,
            OperatingSystem = "linux",
            Architecture = "amd64",
        },
    };

    private static NodeCondition Condition(string type, string status, string reason, string message, DateTimeOffset now) =>
        new() { Type = type, Status = status, Reason = reason, Message = message, LastHeartbeatTime = now, LastTransitionTime = now };

    private static string Id(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
