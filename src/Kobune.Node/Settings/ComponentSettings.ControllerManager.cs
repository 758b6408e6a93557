using Kobune.ApiServer.Codec;
using Kobune.ControllerManager;
using Kobune.Scheduler;
using Kobune.Scheduler.Configuration;

namespace Kobune.Node.Settings;

public sealed partial class ComponentSettings
{
    private static readonly (string Key, string Controller)[] Concurrent =
    [
        ("controller-manager.concurrent-cron-job-syncs", "cronjob"),
        ("controller-manager.concurrent-daemonset-syncs", "daemonset"),
        ("controller-manager.concurrent-deployment-syncs", "deployment"),
        ("controller-manager.concurrent-endpoint-syncs", "endpoints"),
        ("controller-manager.concurrent-horizontal-pod-autoscaler-syncs", "horizontalpodautoscaling"),
        ("controller-manager.concurrent-job-syncs", "job"),
        ("controller-manager.concurrent-namespace-syncs", "namespace"),
        ("controller-manager.concurrent-replicaset-syncs", "replicaset"),
        ("controller-manager.concurrent-service-endpoint-syncs", "endpointslice"),
        ("controller-manager.concurrent-statefulset-syncs", "statefulset"),
        ("controller-manager.concurrent-ttl-after-finished-syncs", "ttl-after-finished"),
    ];

    /// <summary>What the controllers do.</summary>
    public ControllerManagerOptions Controllers(ControllerManagerOptions defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        return defaults with
        {
            AllocateNodeCidrs = Flag("controller-manager.allocate-node-cidrs") ?? defaults.AllocateNodeCidrs,
            NodeCidrMaskSize = Number("controller-manager.node-cidr-mask-size-ipv4") ?? Number("controller-manager.node-cidr-mask-size") ?? defaults.NodeCidrMaskSize,
            NodeMonitorGracePeriod = Duration("controller-manager.node-monitor-grace-period") ?? defaults.NodeMonitorGracePeriod,
            NodeStartupGracePeriod = Duration("controller-manager.node-startup-grace-period") ?? defaults.NodeStartupGracePeriod,
            ClusterSigningDuration = Duration("controller-manager.cluster-signing-duration") ?? defaults.ClusterSigningDuration,
            AutoscalerSyncPeriod = Duration("controller-manager.horizontal-pod-autoscaler-sync-period") ?? defaults.AutoscalerSyncPeriod,
            AutoscalerTolerance = Text("controller-manager.horizontal-pod-autoscaler-tolerance") is { } tolerance ? SettingValues.Fraction(tolerance)!.Value : defaults.AutoscalerTolerance,
            AutoscalerDownscaleStabilization = Duration("controller-manager.horizontal-pod-autoscaler-downscale-stabilization") ?? defaults.AutoscalerDownscaleStabilization,
            AutoscalerCpuInitialization = Duration("controller-manager.horizontal-pod-autoscaler-cpu-initialization-period") ?? defaults.AutoscalerCpuInitialization,
            AutoscalerInitialReadiness = Duration("controller-manager.horizontal-pod-autoscaler-initial-readiness-delay") ?? defaults.AutoscalerInitialReadiness,
            LegacyTokenCleanUpPeriod = Duration("controller-manager.legacy-service-account-token-clean-up-period") ?? defaults.LegacyTokenCleanUpPeriod,
            TerminatedPodGcThreshold = Number("controller-manager.terminated-pod-gc-threshold") ?? defaults.TerminatedPodGcThreshold,
            NodeEvictionRate = Text("controller-manager.node-eviction-rate") is { } rate ? SettingValues.Fraction(rate)!.Value : defaults.NodeEvictionRate,
            SecondaryNodeEvictionRate = Text("controller-manager.secondary-node-eviction-rate") is { } slow ? SettingValues.Fraction(slow)!.Value : defaults.SecondaryNodeEvictionRate,
            UnhealthyZoneThreshold = Text("controller-manager.unhealthy-zone-threshold") is { } share ? SettingValues.Fraction(share)!.Value : defaults.UnhealthyZoneThreshold,
            LargeClusterSizeThreshold = Number("controller-manager.large-cluster-size-threshold") ?? defaults.LargeClusterSizeThreshold,
            ForceDetachOnTimeout = Flag("controller-manager.disable-force-detach-on-timeout") is { } isDisabled ? !isDisabled : defaults.ForceDetachOnTimeout,
            Workers = Concurrent.Where(c => _values.ContainsKey(c.Key)).ToDictionary(c => c.Controller, c => Number(c.Key)!.Value),
            Enabled = ControllerNames.Enabled(List("controller-manager.controllers")),
            Disabled = ControllerNames.Disabled(List("controller-manager.controllers")),
        };
    }

    /// <summary>What the scheduler does. Single settings go before those of its configuration file.</summary>
    /// <param name="defaults">What nobody has set.</param>
    /// <param name="read">Reads a text file of the node.</param>
    /// <exception cref="FormatException">The configuration file is wrong.</exception>
    public SchedulerOptions Scheduler(SchedulerOptions defaults, Func<string, string> read)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        ArgumentNullException.ThrowIfNull(read);
        if (Text("scheduler.config") is { } path)
        {
            try
            {
                defaults = SchedulerConfiguration.Apply(YamlObject.Read(read(path)), defaults);
            }
            catch (FormatException e)
            {
                throw new FormatException($"{path}: {e.Message}", e);
            }
        }

        return defaults with
        {
            LeaderElect = Flag("scheduler.leader-elect") ?? defaults.LeaderElect,
            PodMaxInUnschedulablePodsDuration = Duration("scheduler.pod-max-in-unschedulable-pods-duration") ?? defaults.PodMaxInUnschedulablePodsDuration,
        };
    }
}
