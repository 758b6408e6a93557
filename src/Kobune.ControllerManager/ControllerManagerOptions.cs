using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.Client;
using Kobune.ControllerManager.Metrics;

namespace Kobune.ControllerManager;

/// <summary>Settings of the controllers, with kube-controller-manager's defaults.</summary>
public sealed record ControllerManagerOptions
{
    /// <summary>The PEM text of the authority that pods are given to verify the API server; empty publishes none.</summary>
    public string RootCertificateAuthority { get; init; } = "";

    /// <summary>Makes tokens for Secrets of type kubernetes.io/service-account-token; null leaves such Secrets alone.</summary>
    public ILegacyTokenSigner? LegacyTokenSigner { get; init; }

    /// <summary>Signs what was approved of certificates.k8s.io; null signs nothing.</summary>
    public ICertificateSigner? CertificateSigner { get; init; }

    /// <summary>How long a signed certificate is valid at most (--cluster-signing-duration).</summary>
    public TimeSpan ClusterSigningDuration { get; init; } = TimeSpan.FromHours(8760);

    /// <summary>What is on.</summary>
    public FeatureGates Features { get; init; } = FeatureGates.Default(KubernetesVersion.Newest);

    /// <summary>Give each node a part of <see cref="ClusterCidrs"/>.</summary>
    public bool AllocateNodeCidrs { get; init; } = true;

    /// <summary>The pod ranges, one a family.</summary>
    public IReadOnlyList<string> ClusterCidrs { get; init; } = ["10.244.0.0/16"];

    /// <summary>Prefix length of a node's part of an IPv4 range.</summary>
    public int NodeCidrMaskSize { get; init; } = 24;

    /// <summary>Prefix length of a node's part of an IPv6 range.</summary>
    public int NodeCidrMaskSizeIPv6 { get; init; } = 64;

    /// <summary>How long a node may be silent before its conditions become Unknown.</summary>
    public TimeSpan NodeMonitorGracePeriod { get; init; } = TimeSpan.FromSeconds(50);

    /// <summary>The same for a node that was never heard of.</summary>
    public TimeSpan NodeStartupGracePeriod { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often an autoscaler is looked at (--horizontal-pod-autoscaler-sync-period).</summary>
    public TimeSpan AutoscalerSyncPeriod { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How far a metric may be from its target before the scale changes, where the autoscaler does not say (--horizontal-pod-autoscaler-tolerance).</summary>
    public double AutoscalerTolerance { get; init; } = 0.1;

    /// <summary>For how long the highest recommendation holds, where the autoscaler does not say (--horizontal-pod-autoscaler-downscale-stabilization).</summary>
    public TimeSpan AutoscalerDownscaleStabilization { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long after a pod's start its CPU may not count (--horizontal-pod-autoscaler-cpu-initialization-period).</summary>
    public TimeSpan AutoscalerCpuInitialization { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long after a pod's start changes of its readiness are those of a start (--horizontal-pod-autoscaler-initial-readiness-delay).</summary>
    public TimeSpan AutoscalerInitialReadiness { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a token that older releases made must be unused before it is invalidated, and invalid before it goes (--legacy-service-account-token-clean-up-period).</summary>
    public TimeSpan LegacyTokenCleanUpPeriod { get; init; } = TimeSpan.FromHours(8760);

    /// <summary>Pods that may stay after they ended, in the whole cluster; 0 or less for any number.</summary>
    public int TerminatedPodGcThreshold { get; init; } = 12500;

    /// <summary>Share of nodes of a zone that must be unhealthy, and at least three, before pods are evicted more slowly (--unhealthy-zone-threshold).</summary>
    public double UnhealthyZoneThreshold { get; init; } = 0.55;

    /// <summary>Nodes from which on a cluster is large: then an unhealthy zone still evicts, slowly (--large-cluster-size-threshold).</summary>
    public int LargeClusterSizeThreshold { get; init; } = 50;

    /// <summary>Nodes a second of a zone that may be driven empty (--node-eviction-rate).</summary>
    public double NodeEvictionRate { get; init; } = 0.1;

    /// <summary>The same of an unhealthy zone of a large cluster (--secondary-node-eviction-rate).</summary>
    public double SecondaryNodeEvictionRate { get; init; } = 0.01;

    /// <summary>Whether a volume is taken from an unhealthy node that does not say for six minutes that it has unmounted it (not --disable-force-detach-on-timeout).</summary>
    public bool ForceDetachOnTimeout { get; init; } = true;

    /// <summary>Keys that a controller works on at the same time, by its name, where that is set (--concurrent-deployment-syncs and its like).</summary>
    public IReadOnlyDictionary<string, int> Workers { get; init; } = new Dictionary<string, int>();

    /// <summary>Where queues and what controllers do are counted.</summary>
    public ControllerManagerMetrics Metrics { get; init; } = new();

    /// <summary>Whether the server has a resource, by group, version and plural: a controller of one that it has not does not run.</summary>
    public Func<string, string, string, bool> Serves { get; init; } = (_, _, _) => true;

    /// <summary>Names of controllers that run only where they are asked for, and are: "selinux-warning-controller".</summary>
    public IReadOnlySet<string> Enabled { get; init; } = new HashSet<string>();

    /// <summary>Names of controllers that do not run, "nodeipam".</summary>
    public IReadOnlySet<string> Disabled { get; init; } = new HashSet<string>();
}

/// <summary>Signs tokens without an end for legacy Secrets.</summary>
public interface ILegacyTokenSigner
{
    /// <summary>A token for a service account, bound to nothing but the Secret's name.</summary>
    string Sign(string ns, string serviceAccount, string serviceAccountUid, string secret);
}

/// <summary>Signs requests for certificates with the cluster's authority.</summary>
public interface ICertificateSigner
{
    /// <summary>The certificate as PEM.</summary>
    /// <param name="requestPem">A PKCS#10 request.</param>
    /// <param name="usages">Names of certificates.k8s.io, "client auth".</param>
    /// <param name="lifetime">How long it is valid.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The request is damaged or its signature is wrong.</exception>
    string Sign(string requestPem, IReadOnlyCollection<string> usages, TimeSpan lifetime);
}
