using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.ApiServer.Outbound;
using Kobune.ControlPlane;
using Kobune.SimulatedNode;
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

    /// <summary>The cluster's clock; not used with <see cref="FakeTime"/>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether the cluster has a clock of its own that stands still until the test advances it (<see cref="TestCluster.Time"/>). Certificates, tokens and time-outs of connections keep to the real one.</summary>
    public bool FakeTime { get; init; }

    /// <summary>What the clock of <see cref="FakeTime"/> shows at first.</summary>
    public DateTimeOffset StartTime { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>With <see cref="FakeTime"/>: of everything that is drawn by chance. The same seed and the same test give the same names, UIDs and history.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Changes the settings of the simulated nodes: labels, taints, capacity, stages; null = as they are.</summary>
    public Func<SimulatedNodeOptions, SimulatedNodeOptions>? SimulatedNodes { get; init; }

    /// <summary>Plugs in what the API server would connect to (webhooks, pods, aggregated servers): a handler for a target, or null for the real way.</summary>
    public Func<OutboundTarget, HttpMessageHandler?>? Outbound { get; init; }

    /// <summary>How many changes and how many requests the history keeps; 0 = none.</summary>
    public int HistoryLength { get; init; } = 20_000;

    /// <summary>Where the components' log goes.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The last word on what the control plane is made of; `kobune test-server` puts the settings of its command line in.</summary>
    internal Func<ControlPlaneOptions, ControlPlaneOptions> Settings { get; init; } = o => o;
}
