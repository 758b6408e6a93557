using Kobune.Node.Roles;

namespace Kobune.Node.Tests;

public sealed class NodeLabelsTests
{
    private static readonly NodeConfig First = new()
    {
        Profile = "kobune",
        NodeName = "kobune",
        NodeIP = "192.168.49.2",
        ServerUrl = "https://192.168.49.2:8443",
        Labels = new Dictionary<string, string> { ["minikube.k8s.io/name"] = "kobune", ["minikube.k8s.io/primary"] = "true" },
    };

    [Fact]
    public void The_first_node_gets_its_role() =>
        Assert.Equal(["minikube.k8s.io/name=kobune", "minikube.k8s.io/primary=true", "node-role.kubernetes.io/control-plane="], Wanted("kobune"));

    [Fact]
    public void Another_node_is_not_primary_and_has_no_role() =>
        Assert.Equal(["minikube.k8s.io/name=kobune", "minikube.k8s.io/primary=false"], Wanted("kobune-m02"));

    [Fact]
    public void What_is_complete_is_left_alone_and_a_users_value_stays()
    {
        var labels = new Dictionary<string, string> { ["minikube.k8s.io/name"] = "mine", ["minikube.k8s.io/primary"] = "true", ["node-role.kubernetes.io/control-plane"] = "" };
        var node = new Api.Core.V1.Node { Metadata = new() { Name = "kobune", Labels = labels } };
        Assert.Same(node.Metadata.Labels, NodeLabels.Wanted(node, First));
    }

    private static string[] Wanted(string name) =>
        [.. NodeLabels.Wanted(new Api.Core.V1.Node { Metadata = new() { Name = name } }, First).Select(l => $"{l.Key}={l.Value}").Order(StringComparer.Ordinal)];
}
