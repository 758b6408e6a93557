using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Node.V1;
using Kobune.Client.Informers;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Nodes;

namespace Kobune.Kubelet.Pods;

/// <summary>Node and cluster as pods see them, from the caches.</summary>
internal sealed class NodeEnvironment(KubeletOptions options, IPodObjects objects, ICache<Service> services, ICache<RuntimeClass> classes, NodeReporter node) : IPodEnvironment
{
    public IPodObjects Objects => objects;

    public IReadOnlyList<string> HostIPs { get; } = options.NodeIPs;

    public IEnumerable<Service> Services => services.List();

    public IReadOnlyDictionary<string, Quantity> Allocatable => node.Node?.Status.Allocatable ?? new Dictionary<string, Quantity>();

    public string? NetworkProblem => node.NetworkProblem;

    public string? RuntimeHandler(string runtimeClass) => classes.Find("", runtimeClass)?.Handler;
}
