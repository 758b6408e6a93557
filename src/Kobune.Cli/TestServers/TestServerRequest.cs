using Kobune.Cli.Profiles;

namespace Kobune.Cli.TestServers;

/// <summary>What `test-server` was asked for.</summary>
internal sealed record TestServerRequest
{
    /// <summary>0 takes a free port.</summary>
    public int Port { get; init; }

    /// <summary>Where the kubeconfig is written; null = a file of its own.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Simulated nodes.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>Version, gates and settings, checked.</summary>
    public KubernetesSettings Kubernetes { get; init; } = new();

    /// <summary>Neither controllers nor scheduler nor nodes.</summary>
    public bool ApiOnly { get; init; }

    /// <summary>It also ends when standard input does: with the program that started it.</summary>
    public bool UntilStdinCloses { get; init; }
}
