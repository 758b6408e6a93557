using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Pods;

/// <summary>What the node and the cluster tell pods.</summary>
internal interface IPodEnvironment
{
    /// <summary>ConfigMaps and Secrets.</summary>
    IPodObjects Objects { get; }

    /// <summary>Addresses of the node.</summary>
    IReadOnlyList<string> HostIPs { get; }

    /// <summary>All Services.</summary>
    IEnumerable<Service> Services { get; }

    /// <summary>What pods may use of the node.</summary>
    IReadOnlyDictionary<string, Quantity> Allocatable { get; }

    /// <summary>The runtime's handler of a runtime class; null when the class does not exist.</summary>
    string? RuntimeHandler(string runtimeClass);

    /// <summary>Why the network is not ready; null when it is.</summary>
    string? NetworkProblem { get; }
}
