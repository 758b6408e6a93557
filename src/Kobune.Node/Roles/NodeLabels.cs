using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.Node.Roles;

/// <summary>
/// Keeps the labels of the cluster's nodes that a kubelet may not give itself (NodeRestriction): the role of the control plane's node, and minikube's own,
/// of which "primary" is true for the first node alone. The administrator's client writes them, as kubeadm and minikube would.
/// </summary>
internal sealed class NodeLabels(IClient client, InformerFactory informers, NodeConfig first) : IComponent
{
    private const string Role = "node-role.kubernetes.io/control-plane";
    private const string Primary = "minikube.k8s.io/primary";

    public string Name => "node-labels";

    public async Task RunAsync(CancellationToken ct)
    {
        using var wake = new SemaphoreSlim(0);
        var nodes = informers.For<Api.Core.V1.Node>();
        using var subscription = nodes.Subscribe(_ => wake.Release());
        while (true)
        {
            await wake.WaitAsync(ct);
            foreach (var node in nodes.Cache.List())
            {
                await EnsureAsync(node, ct);
            }
        }
    }

    /// <summary>The node's labels as they should be; the same instance when nothing is missing.</summary>
    internal static IReadOnlyDictionary<string, string> Wanted(Api.Core.V1.Node node, NodeConfig first)
    {
        var labels = new Dictionary<string, string>(node.Metadata.Labels);
        var isFirst = node.Metadata.Name == first.NodeName;
        foreach (var (key, value) in first.Labels)
        {
            labels.TryAdd(key, key == Primary && !isFirst ? "false" : value);
        }

        if (isFirst)
        {
            labels.TryAdd(Role, "");
        }

        return labels.Count == node.Metadata.Labels.Count ? node.Metadata.Labels : labels;
    }

    private async Task EnsureAsync(Api.Core.V1.Node node, CancellationToken ct)
    {
        var wanted = Wanted(node, first);
        if (ReferenceEquals(wanted, node.Metadata.Labels))
        {
            return;
        }

        try
        {
            var patch = Patch.Between(node, node with { Metadata = node.Metadata with { Labels = wanted } });
            await client.PatchAsync<Api.Core.V1.Node>("", node.Metadata.Name, patch!, null, ct);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // it went or changed: its next event comes by here again
        }
    }
}
