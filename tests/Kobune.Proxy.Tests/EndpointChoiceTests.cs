using System.Net.Sockets;
using Kobune.Api.Discovery.V1;
using Kobune.Proxy.Services;
using static Kobune.Proxy.Tests.Objects;

namespace Kobune.Proxy.Tests;

public class EndpointChoiceTests
{
    private sealed record Case(string Name, Endpoint[] Endpoints, string All, string Local);

    private static readonly Case[] Cases =
    [
        new("ready ones", [Ready("10.0.0.1"), Ready("10.0.0.2", "node-2"), Unready("10.0.0.3")], "10.0.0.1 10.0.0.2", "10.0.0.1"),
        new("no condition counts as ready", [new() { Addresses = ["10.0.0.1"], NodeName = ThisNode }], "10.0.0.1", "10.0.0.1"),
        new("those that end serve only when nobody else does", [Ready("10.0.0.1", "node-2"), Ending("10.0.0.2")], "10.0.0.1", "10.0.0.2"),
        new("all end", [Ending("10.0.0.1"), Ending("10.0.0.2", serving: false)], "10.0.0.1", "10.0.0.1"),
        new("none", [Unready("10.0.0.1")], "", ""),
        new("hints for this node", [Ready("10.0.0.1").For("z2", ThisNode), Ready("10.0.0.2", "node-2").For("z1", "node-2")], "10.0.0.1", "10.0.0.1"),
        new("hints for this zone", [Ready("10.0.0.1").For("z2"), Ready("10.0.0.2", "node-2").For("z1")], "10.0.0.2", "10.0.0.1"),
        new("hints for another node, then for this zone", [Ready("10.0.0.1").For("z2", "node-3"), Ready("10.0.0.2", "node-2").For("z1", "node-2")], "10.0.0.2", "10.0.0.1"),
        new("hints for other zones", [Ready("10.0.0.1").For("z2"), Ready("10.0.0.2", "node-2").For("z3")], "10.0.0.1 10.0.0.2", "10.0.0.1"),
        new("an endpoint without a hint", [Ready("10.0.0.1").For("z1"), Ready("10.0.0.2", "node-2")], "10.0.0.1 10.0.0.2", "10.0.0.1"),
        new("hints of endpoints that are not ready", [Ready("10.0.0.1").For("z2"), Ending("10.0.0.2", node: "node-2").For("z1")], "10.0.0.1", "10.0.0.1"),
        new("the same address twice", [Ready("10.0.0.1"), Ready("10.0.0.1")], "10.0.0.1", "10.0.0.1"),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Choose(string name)
    {
        var c = Cases.Single(x => x.Name == name);
        Assert.Equal(c.All, Chosen(c.Endpoints, localOnly: false));
        Assert.Equal(c.Local, Chosen(c.Endpoints, localOnly: true));
    }

    [Fact]
    public void Ports_are_matched_by_name_and_protocol()
    {
        var slice = Slice("web", 8080, Ready("10.0.0.1")) with { Ports = [new() { Name = "a", Port = 1, Protocol = "TCP" }, new() { Name = "b", Port = 2, Protocol = "UDP" }, new() { Name = "b", Port = 3, Protocol = "TCP" }] };
        Assert.Equal(3, EndpointChoice.Choose(Port(80, name: "b"), [slice], AddressFamily.InterNetwork, new(ThisNode), false).Single().Port);
        Assert.Empty(EndpointChoice.Choose(Port(80, name: "c"), [slice], AddressFamily.InterNetwork, new(ThisNode), false));
        Assert.Empty(EndpointChoice.Choose(Port(80, name: "b"), [slice], AddressFamily.InterNetworkV6, new(ThisNode), false));
    }

    private static string Chosen(Endpoint[] endpoints, bool localOnly) =>
        string.Join(' ', EndpointChoice.Choose(Port(80), [Slice("web", 80, endpoints)], AddressFamily.InterNetwork, new(ThisNode, "z1"), localOnly).Select(e => e.Address));
}
