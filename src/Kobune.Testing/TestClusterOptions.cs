using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.ControlPlane;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Testing;

/// <summary>What a test cluster has.</summary>
public sealed record TestClusterOptions
{
    /// <summary>Simulated nodes.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>The release of Kubernetes whose API is served and that the nodes say they run.</summary>
    public KubernetesVersion Version { get; init; } = KubernetesVersion.Newest;

    /// <summary>The features that are on, FeatureGates.Parse(version, "HPAScaleToZero=true"); the defaults of <see cref="Version"/> when not said.</summary>
    public FeatureGates Features
    {
        get => field ?? FeatureGates.Default(Version);
        init;
    }

    /// <summary>Whether the API is also served over HTTPS on a free port of the loopback address, for kubectl and clients in other languages.</summary>
    public bool Https { get; init; }

    /// <summary>The port of <see cref="Https"/>; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Whether the controllers run.</summary>
    public bool RunControllers { get; init; } = true;

    /// <summary>Whether the scheduler runs.</summary>
    public bool RunScheduler { get; init; } = true;

    /// <summary>The cluster's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the components' log goes.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The last word on what the control plane is made of; `kobune test-server` puts the settings of its command line in.</summary>
    internal Func<ControlPlaneOptions, ControlPlaneOptions> Settings { get; init; } = o => o;
}
