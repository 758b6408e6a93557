using Kobune.Cli.Mounts;

namespace Kobune.Cli.Clusters;

/// <summary>What `start` was asked for; null means not said.</summary>
internal sealed record StartRequest
{
    public required string Profile { get; init; }

    public string? Driver { get; init; }

    public int? Nodes { get; init; }

    public string? Cpus { get; init; }

    public string? Memory { get; init; }

    /// <summary>About Kubernetes itself.</summary>
    public KubernetesRequest Kubernetes { get; init; } = new();

    public string? Subnet { get; init; }

    public string? StaticIP { get; init; }

    public IReadOnlyList<string> Ports { get; init; } = [];

    /// <summary>Addons to switch on.</summary>
    public IReadOnlyList<string> Addons { get; init; } = [];

    public WaitPlan Wait { get; init; } = WaitPlan.Default;

    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromMinutes(6);

    public bool Install { get; init; } = true;

    public bool KeepContext { get; init; }

    public bool DownloadOnly { get; init; }

    public bool InstallAddons { get; init; } = true;

    public bool DryRun { get; init; }

    public bool Force { get; init; }

    /// <summary>Registries that are asked for Docker Hub's images first.</summary>
    public IReadOnlyList<string>? RegistryMirrors { get; init; }

    /// <summary>Registries with plain HTTP or an unchecked certificate.</summary>
    public IReadOnlyList<string>? InsecureRegistries { get; init; }

    public MountSettings? Mounts { get; init; }
}
