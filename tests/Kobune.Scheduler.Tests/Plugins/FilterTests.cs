using Kobune.Api.Core.V1;
using Kobune.Api.Placement;
using Kobune.Client;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Plugins;

namespace Kobune.Scheduler.Tests.Plugins;

/// <summary>What the default filters together say of one pod and one node.</summary>
public class FilterTests
{
    private const string Affinity = "node(s) didn't match Pod's node affinity/selector";
    private const string Tainted = "node(s) had untolerated taint(s)";
    private const string Ports = "node(s) didn't have free ports for the requested pod ports";

    private static readonly Case[] Cases =
    [
        new("an empty node takes a pod", Objects.Pod("a", "1"), Objects.Node("n")),
        new("the last piece is enough", Objects.Pod("a", "1"), Objects.Node("n"), Others: [Objects.Pod("x", "3")]),
        new("too little CPU", Objects.Pod("a", "1"), Objects.Node("n"), "Insufficient cpu", [Objects.Pod("x", "3001m")]),
        new("too little of both", Objects.Pod("a", "5", "9Gi"), Objects.Node("n"), "Insufficient cpu, Insufficient memory"),
        new("too many pods", Objects.Pod("a"), Objects.Node("n", pods: "1"), "Too many pods", [Objects.Pod("x")]),
        new("a pod that asks for nothing fits a full node", Objects.Pod("a"), Objects.Node("n"), Others: [Objects.Pod("x", "4")]),
        new("an unknown extended resource", Objects.Pod("a").With(s => s with { Overhead = new Dictionary<string, Kobune.Api.Quantity> { ["example.com/gpu"] = new(1) } }), Objects.Node("n"), "Insufficient example.com/gpu"),
        new("cordoned", Objects.Pod("a"), Cordoned(), "node(s) were unschedulable"),
        new("cordoned but tolerated", Tolerating(new() { Key = Taints.Unschedulable, Operator = "Exists" }), Cordoned()),
        new("taint", Objects.Pod("a"), Objects.Node("n", taints: Objects.Taint("k")), Tainted),
        new("a preference is no taint", Objects.Pod("a"), Objects.Node("n", taints: Objects.Taint("k", TaintEffect.PreferNoSchedule))),
        new("tolerated by key and value", Tolerating(new() { Key = "k", Value = "v" }), Objects.Node("n", taints: Objects.Taint("k", value: "v"))),
        new("another value", Tolerating(new() { Key = "k", Value = "w" }), Objects.Node("n", taints: Objects.Taint("k", value: "v")), Tainted),
        new("another effect", Tolerating(new() { Key = "k", Operator = "Exists", Effect = "NoExecute" }), Objects.Node("n", taints: Objects.Taint("k")), Tainted),
        new("everything tolerated", Tolerating(new() { Operator = "Exists" }), Objects.Node("n", taints: [Objects.Taint("k"), Objects.Taint("l", "NoExecute")])),
        new("node selector", Objects.Pod("a").With(s => s with { NodeSelector = Objects.Labels("disk=ssd") }), Objects.Node("n", labels: "disk=ssd")),
        new("node selector misses", Objects.Pod("a").With(s => s with { NodeSelector = Objects.Labels("disk=ssd") }), Objects.Node("n", labels: "disk=hdd"), Affinity),
        new("one of two terms", Requiring(Objects.Term(Objects.Requirement("a", "Exists")), Objects.Term(Objects.Requirement("b", "In", "1", "2"))), Objects.Node("n", labels: "b=2")),
        new("both requirements of a term", Requiring(Objects.Term(Objects.Requirement("a", "Exists"), Objects.Requirement("b", "Exists"))), Objects.Node("n", labels: "b=2"), Affinity),
        new("an empty term matches nothing", Requiring(Objects.Term()), Objects.Node("n"), Affinity),
        new("not in, and absent counts", Requiring(Objects.Term(Objects.Requirement("a", "NotIn", "1"))), Objects.Node("n")),
        new("greater than", Requiring(Objects.Term(Objects.Requirement("cores", "Gt", "4"))), Objects.Node("n", labels: "cores=8")),
        new("not less than", Requiring(Objects.Term(Objects.Requirement("cores", "Lt", "4"))), Objects.Node("n", labels: "cores=8"), Affinity),
        new("not a number", Requiring(Objects.Term(Objects.Requirement("cores", "Gt", "4"))), Objects.Node("n", labels: "cores=many"), Affinity),
        new("host port taken", WithPort("a", 80), Objects.Node("n"), Ports, [WithPort("x", 80)]),
        new("same port, other protocol", WithPort("a", 80, "UDP"), Objects.Node("n"), Others: [WithPort("x", 80)]),
        new("same port, other address", WithPort("a", 80, address: "10.0.0.1"), Objects.Node("n"), Others: [WithPort("x", 80, address: "10.0.0.2")]),
        new("all addresses meet one", WithPort("a", 80, address: "10.0.0.1"), Objects.Node("n"), Ports, [WithPort("x", 80)]),
        new("the first filter speaks", Objects.Pod("a", "9"), Objects.Node("n", taints: Objects.Taint("k")), Tainted),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Filter(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        var node = new NodeInfo(c.Node);
        foreach (var other in c.Others ?? [])
        {
            node.AddPod(new PodInfo(other));
        }

        var framework = new TestCluster().Framework;
        var state = new CycleState();
        var pod = new PodInfo(c.Pod);
        Assert.Null(framework.PreFilter(state, pod, out _, out _));
        Assert.Equal(c.Expected, framework.Filter(state, pod, node)?.Message ?? "");
    }

    [Fact]
    public void Request_larger_than_the_node_cannot_be_helped_by_removing_pods()
    {
        var filter = new NodeResourcesFit(new(), null);
        Assert.Equal(StatusCode.UnschedulableAndUnresolvable, filter.Filter(new CycleState(), new PodInfo(Objects.Pod("a", "5")), new NodeInfo(Objects.Node("n")))!.Code);
        var full = new NodeInfo(Objects.Node("n"));
        full.AddPod(new PodInfo(Objects.Pod("x", "4")));
        Assert.Equal(StatusCode.Unschedulable, filter.Filter(new CycleState(), new PodInfo(Objects.Pod("a", "1")), full)!.Code);
    }

    private static Node Cordoned() => Objects.Node("n") with { Spec = new() { Unschedulable = true } };

    private static Pod Tolerating(Toleration toleration) => Objects.Pod("a").With(spec => spec with { Tolerations = [toleration] });

    private static Pod Requiring(params NodeSelectorTerm[] terms) => Objects.Pod("a").With(spec => spec with { Affinity = Objects.Requires(terms) });

    private static Pod WithPort(string name, int port, string protocol = "", string address = "") => Objects.Pod(name).With(spec => spec with
    {
        Containers = [new() { Name = "c", Ports = [new() { HostPort = port, ContainerPortValue = port, Protocol = protocol, HostIP = address }] }],
    });

    private sealed record Case(string Name, Pod Pod, Node Node, string Expected = "", Pod[]? Others = null);
}
