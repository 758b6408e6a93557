using System.Net;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.ApiServer;
using Kobune.ApiServer.Certificates;
using Kobune.ApiServer.Outbound;
using Kobune.ControllerManager;
using Kobune.Scheduler;
using Kobune.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.ControlPlane;

/// <summary>What a control plane is made of.</summary>
public sealed record ControlPlaneOptions
{
    /// <summary>Upstream's range of node ports.</summary>
    public static readonly (int First, int Last) DefaultNodePorts = (30000, 32767);

    /// <summary>Where objects live; disposed by whoever made it, after the control plane.</summary>
    public required IStore Store { get; init; }

    /// <summary>Authorities and the service account key.</summary>
    public required ClusterCertificates Certificates { get; init; }

    /// <summary>The release of Kubernetes whose API is served.</summary>
    public KubernetesVersion Version { get; init; } = KubernetesVersion.Newest;

    /// <summary>The features that are on; the defaults of <see cref="Version"/> when not said.</summary>
    public FeatureGates Features
    {
        get => field ?? FeatureGates.Default(Version);
        init;
    }

    /// <summary>Addresses of the HTTPS listener; empty = in-process only.</summary>
    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [];

    /// <summary>The endpoint of the kubernetes Service; null = the first address of <see cref="Listen"/>.</summary>
    public IPEndPoint? Advertise { get; init; }

    /// <summary>The range of cluster IPs; one of each family, separated by a comma, in a dual-stack cluster.</summary>
    public string ServiceRange { get; init; } = "10.96.0.0/12";

    /// <summary>The range of pod addresses, of which each node gets a part; one of each family, separated by a comma, in a dual-stack cluster.</summary>
    public string ClusterCidr { get; init; } = "10.244.0.0/16";

    /// <summary>The range of node ports, both ends included.</summary>
    public (int First, int Last) NodePorts { get; init; } = DefaultNodePorts;

    /// <summary>Changes the controllers' settings; null = upstream's defaults.</summary>
    public Func<ControllerManagerOptions, ControllerManagerOptions>? Controllers { get; init; }

    /// <summary>Changes what the API server's security is made of; null = upstream's defaults.</summary>
    public Func<ServerSecurityOptions, ServerSecurityOptions>? Security { get; init; }

    /// <summary>Changes the API server's settings; null = upstream's defaults.</summary>
    public Func<ApiServerOptions, ApiServerOptions>? Server { get; init; }

    /// <summary>Changes the scheduler's settings; null = upstream's defaults.</summary>
    public Func<SchedulerOptions, SchedulerOptions>? Scheduler { get; init; }

    /// <summary>Connections to nodes and pods; null = by the Node objects, over HTTPS.</summary>
    public IOutboundConnector? Outbound { get; init; }

    /// <summary>Stands before <see cref="Outbound"/>: a test counts what is under way, and puts simulated targets in.</summary>
    public Func<IOutboundConnector, IOutboundConnector>? OutboundThrough { get; init; }

    /// <summary>Where the controllers serve metrics and health over HTTPS; null = nowhere. Upstream: 127.0.0.1:10257.</summary>
    public IPEndPoint? ControllersPort { get; init; }

    /// <summary>Where the scheduler does; null = nowhere. Upstream: 127.0.0.1:10259.</summary>
    public IPEndPoint? SchedulerPort { get; init; }

    /// <summary>Whether the controllers run.</summary>
    public bool RunControllers { get; init; } = true;

    /// <summary>Whether the scheduler runs.</summary>
    public bool RunScheduler { get; init; } = true;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The clock of certificates, tokens and time-outs on connections; <see cref="Time"/> when not said.</summary>
    public TimeProvider WireTime
    {
        get => field ?? Time;
        init;
    }

    /// <summary>Where the log goes.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
