namespace Kobune.Cli.Clusters;

/// <summary>What `start` was asked for about Kubernetes itself; null means not said.</summary>
internal sealed record KubernetesRequest
{
    public string? Version { get; init; }

    public string? ApiServerName { get; init; }

    public IReadOnlyList<string>? ApiServerNames { get; init; }

    public IReadOnlyList<string>? ApiServerIPs { get; init; }

    public int? ApiServerPort { get; init; }

    public string? Namespace { get; init; }

    public string? ServiceCidr { get; init; }

    public string? DnsDomain { get; init; }

    public string? ContainerRuntime { get; init; }

    public string? Cni { get; init; }

    public IReadOnlyList<string>? ExtraConfig { get; init; }

    public string? FeatureGates { get; init; }
}
