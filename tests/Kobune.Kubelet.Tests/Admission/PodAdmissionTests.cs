using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Admission;

namespace Kobune.Kubelet.Tests.Admission;

public class PodAdmissionTests
{
    private static readonly Kobune.Api.Core.V1.Node Machine = new()
    {
        Metadata = new() { Name = "n", Labels = new Dictionary<string, string> { ["disk"] = "ssd", ["kubernetes.io/os"] = "linux" } },
        Spec = new() { Taints = [new() { Key = "gone", Effect = "NoExecute" }, new() { Key = "busy", Effect = "NoSchedule" }] },
        Status = new() { Allocatable = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("1"), ["memory"] = Quantity.Parse("1Gi"), ["pods"] = Quantity.Parse("3"), ["example.com/claimed"] = Quantity.Zero, ["example.com/plugged"] = new(1) } },
    };

    private static Pod Make(string cpu = "0", string memory = "0", int hostPort = 0) => new()
    {
        Metadata = new() { Name = "p", Uid = Guid.NewGuid().ToString() },
        Spec = new()
        {
            Tolerations = [new() { Operator = "Exists" }],
            Containers =
            [
                new()
                {
                    Name = "c",
                    Resources = new() { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse(cpu), ["memory"] = Quantity.Parse(memory) } },
                    Ports = hostPort > 0 ? [new() { HostPort = hostPort, Protocol = "TCP" }] : [],
                },
            ],
        },
    };

    private sealed record Case(Pod Pod, Pod[] Others, string? Reason, string? Message);

    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["a pod that fits is taken"] = new(Make("500m", "512Mi"), [Make("500m")], null, null),
        ["cpu is counted in thousandths"] = new(Make("600m"), [Make("500m")], "OutOfcpu", "Node didn't have enough resource: cpu, requested: 600, used: 500, capacity: 1000"),
        ["memory is counted in bytes"] = new(Make("0", "2Gi"), [], "OutOfmemory", "Node didn't have enough resource: memory, requested: 2147483648, used: 0, capacity: 1073741824"),
        ["a resource of which the node has none comes from a claim"] = new(With(Make(), s => s with { Containers = [new() { Name = "c", Resources = new() { Requests = new Dictionary<string, Quantity> { ["example.com/claimed"] = new(1) } } }] }), [], null, null),
        ["a resource of which the node has some is counted"] = new(With(Make(), s => s with { Containers = [new() { Name = "c", Resources = new() { Requests = new Dictionary<string, Quantity> { ["example.com/plugged"] = new(2) } } }] }), [], "OutOfexample.com/plugged", "Node didn't have enough resource: example.com/plugged, requested: 2, used: 0, capacity: 1"),
        ["pods are counted"] = new(Make(), [Make(), Make(), Make()], "OutOfpods", "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3"),
        ["a node selector must match"] = new(With(Make(), s => s with { NodeSelector = new Dictionary<string, string> { ["disk"] = "hdd" } }), [], "NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"),
        ["host ports are given once"] = new(Make(hostPort: 80), [Make(hostPort: 80)], "NodePorts", "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"),
        ["another operating system is refused"] = new(With(Make(), s => s with { OS = new() { Name = "windows" } }), [], "PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS"),
        ["its label may not name another operating system"] = new(Make() with { Metadata = new() { Name = "p", Uid = "u", Labels = new Dictionary<string, string> { ["kubernetes.io/os"] = "windows" } } }, [], "PodOSSelectorNodeLabelDoesNotMatch", "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"),
        ["a selector for another operating system is affinity"] = new(With(Make(), s => s with { NodeSelector = new Dictionary<string, string> { ["kubernetes.io/os"] = "windows" } }), [], "NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"),
        ["groups cannot be held to the pod's own"] = new(With(Make(), s => s with { SecurityContext = new() { SupplementalGroupsPolicy = "Strict" } }), [], "SupplementalGroupsPolicyNotSupported", "SupplementalGroupsPolicy=Strict is not supported in this node"),
        ["groups may be merged"] = new(With(Make(), s => s with { SecurityContext = new() { SupplementalGroupsPolicy = "Merge" } }), [], null, null),
        ["a profile of the pod's binds nobody here"] = new(With(Make(), s => s with { SecurityContext = new() { AppArmorProfile = new() { Type = "RuntimeDefault" } } }), [], "AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host"),
        ["nor does one of an init container's"] = new(With(Make(), s => s with { InitContainers = [new() { Name = "i", SecurityContext = new() { AppArmorProfile = new() { Type = "Localhost", LocalhostProfile = "x" } } }] }), [], "AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host"),
        ["to be unconfined binds nobody anyway"] = new(With(Make(), s => s with { SecurityContext = new() { AppArmorProfile = new() { Type = "Unconfined" } } }), [], null, null),
        ["an evicting taint must be tolerated"] = new(With(Make(), s => s with { Tolerations = [] }), [], "TaintToleration", "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate"),
        ["a taint that does not evict is not asked for"] = new(With(Make(), s => s with { Tolerations = [new() { Key = "gone", Operator = "Exists" }] }), [], null, null),
    };

    private static Pod With(Pod pod, Func<PodSpec, PodSpec> change) => pod with { Spec = change(pod.Spec) };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Verdict(string name)
    {
        var c = Cases[name];
        var refusal = PodAdmission.Refusal(c.Pod, Machine, c.Others);
        Assert.Equal(c.Reason, refusal?.Reason);
        Assert.Equal(c.Message, refusal?.Message);
    }
}
