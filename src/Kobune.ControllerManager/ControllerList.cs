using Kobune.Api.Features;
using Kobune.ControllerManager.AttachDetach;
using Kobune.ControllerManager.BootstrapTokens;
using Kobune.ControllerManager.Certificates;
using Kobune.ControllerManager.ClusterRoleAggregation;
using Kobune.ControllerManager.CronJobs;
using Kobune.ControllerManager.DaemonSets;
using Kobune.ControllerManager.Deployments;
using Kobune.ControllerManager.DeviceTaints;
using Kobune.ControllerManager.Disruption;
using Kobune.ControllerManager.EndpointSliceMirroring;
using Kobune.ControllerManager.EndpointSlices;
using Kobune.ControllerManager.Endpoints;
using Kobune.ControllerManager.EphemeralVolumes;
using Kobune.ControllerManager.GarbageCollector;
using Kobune.ControllerManager.HorizontalPodAutoscalers;
using Kobune.ControllerManager.Jobs;
using Kobune.ControllerManager.LegacyTokens;
using Kobune.ControllerManager.LoadBalancers;
using Kobune.ControllerManager.Namespaces;
using Kobune.ControllerManager.NodeIpam;
using Kobune.ControllerManager.NodeLifecycle;
using Kobune.ControllerManager.NodeTtl;
using Kobune.ControllerManager.PersistentVolumes;
using Kobune.ControllerManager.PodGc;
using Kobune.ControllerManager.ReplicaSets;
using Kobune.ControllerManager.ResourceClaims;
using Kobune.ControllerManager.ResourceQuotas;
using Kobune.ControllerManager.RootCertificates;
using Kobune.ControllerManager.SELinuxWarnings;
using Kobune.ControllerManager.ServiceAccounts;
using Kobune.ControllerManager.ServiceRanges;
using Kobune.ControllerManager.StatefulSets;
using Kobune.ControllerManager.StorageProtection;
using Kobune.ControllerManager.StorageVersions;
using Kobune.ControllerManager.Tokens;
using Kobune.ControllerManager.TrustBundles;
using Kobune.ControllerManager.TtlAfterFinished;
using Kobune.ControllerManager.VolumeExpansion;

namespace Kobune.ControllerManager;

/// <summary>Every controller under its name of upstream's --controllers flag, in the order of their start.</summary>
internal static class ControllerList
{
    private const string ClassProtection = "volumeattributesclass-protection-controller";
    private const string ServiceCidrs = "service-cidr-controller";
    private const int FirstWithAttributesClasses = 34;
    private const int FirstWithServiceCidrs = 33;
    internal const string Claims = "resourceclaim-controller";
    private const string DeviceTaintEviction = "device-taint-eviction-controller";
    private const string PodCertificates = "podcertificaterequest-cleaner-controller";
    private const int FirstWithClaims = 34;
    private const int FirstWithMigrations = 35;
    private const int FirstWithPodCertificates = 35;
    private const int FirstWithTrustBundles = 33;

    /// <summary>Whether a controller is to run: it is not turned off, or is turned on where that is needed, and its objects are served.</summary>
    public static bool Runs(string name, ControllerManagerOptions options) =>
        !options.Disabled.Contains(name)
        && (name != SELinuxWarningController.Name || options.Enabled.Contains(name))
        && IsServed(name, options.Features)
        && name switch
        {
            TrustBundleController.Name => options.Serves("certificates.k8s.io", "v1beta1", "clustertrustbundles"),
            PodCertificates => options.Serves("certificates.k8s.io", "v1beta1", "podcertificaterequests"),
            StorageVersionMigratorController.Name => options.Serves("storagemigration.k8s.io", "v1beta1", "storageversionmigrations"),
            _ => true,
        };

    /// <summary>Whether the release, with these gates, has what the controller works on.</summary>
    public static bool IsServed(string name, FeatureGates features) => name switch
    {
        ClassProtection => features.Version.Minor >= FirstWithAttributesClasses && features.IsEnabled("VolumeAttributesClass"),
        ServiceCidrs => features.Version.Minor >= FirstWithServiceCidrs && features.IsEnabled("MultiCIDRServiceAllocator"),
        Claims => features.Version.Minor >= FirstWithClaims && features.IsEnabled("DynamicResourceAllocation"),
        DeviceTaintEviction => features.Version.Minor >= FirstWithClaims && features.IsEnabled("DRADeviceTaints"),
        PodCertificates => features.Version.Minor >= FirstWithPodCertificates && features.IsEnabled("PodCertificateRequest"),
        TrustBundleController.Name => features.Version.Minor >= FirstWithTrustBundles && features.IsEnabled("ClusterTrustBundle"),
        StorageVersionMigratorController.Name => features.Version.Minor >= FirstWithMigrations && features.IsEnabled("StorageVersionMigrator"),
        _ => true,
    };

    public static IReadOnlyList<(string Name, Func<ControllerContext, ControllerLoop> Create)> All { get; } =
    [
        ("serviceaccount-token-controller", TokensController.Create),
        ("serviceaccount-controller", ServiceAccountsController.Create),
        ("root-ca-certificate-publisher-controller", RootCertificateController.Create),
        ("node-ipam-controller", NodeIpamController.Create),
        ("node-lifecycle-controller", NodeLifecycleController.Create),
        ("taint-eviction-controller", TaintEvictionController.Create),
        ("disruption-controller", DisruptionController.Create),
        ("deployment-controller", DeploymentController.Create),
        ("resourcequota-controller", ResourceQuotaController.Create),
        ("replicaset-controller", ReplicaSetController.Create),
        ("daemonset-controller", DaemonSetController.Create),
        ("statefulset-controller", StatefulSetController.Create),
        ("replicationcontroller-controller", ReplicaSetController.CreateForReplicationControllers),
        ("job-controller", JobController.Create),
        ("cronjob-controller", CronJobController.Create),
        ("ttl-after-finished-controller", TtlAfterFinishedController.Create),
        ("endpoints-controller", EndpointsController.Create),
        ("endpointslice-controller", EndpointSliceController.Create),
        ("endpointslice-mirroring-controller", EndpointSliceMirroringController.Create),
        (ServiceCidrs, ServiceRangeController.Create),
        ("persistentvolume-binder-controller", PersistentVolumeController.Create),
        ("persistentvolume-expander-controller", VolumeExpandController.Create),
        ("ephemeral-volume-controller", EphemeralVolumeController.Create),
        ("persistentvolumeclaim-protection-controller", ProtectionController.CreateForClaims),
        ("persistentvolume-protection-controller", ProtectionController.CreateForVolumes),
        (ClassProtection, ProtectionController.CreateForClasses),
        ("clusterrole-aggregation-controller", ClusterRoleAggregationController.Create),
        ("service-lb-controller", LoadBalancerController.Create),
        ("namespace-controller", NamespaceController.Create),
        ("garbage-collector-controller", GarbageCollectorController.Create),
        ("horizontal-pod-autoscaler-controller", HorizontalPodAutoscalerController.Create),
        ("certificatesigningrequest-signing-controller", CertificateControllers.CreateSigning),
        ("certificatesigningrequest-approving-controller", CertificateControllers.CreateApproving),
        ("certificatesigningrequest-cleaner-controller", CertificateControllers.CreateCleaning),
        (PodCertificates, PodRequestCleaner.Create),
        ("pod-garbage-collector-controller", PodGcController.Create),
        ("persistentvolume-attach-detach-controller", AttachDetachController.Create),
        (Claims, ResourceClaimController.Create),
        (DeviceTaintEviction, DeviceTaintController.Create),
        ("ttl-controller", NodeTtlController.Create),
        ("bootstrap-signer-controller", BootstrapSignerController.Create),
        ("token-cleaner-controller", TokenCleanerController.Create),
        ("legacy-serviceaccount-token-cleaner-controller", LegacyTokenCleanerController.Create),
        (StorageVersionMigratorController.Name, StorageVersionMigratorController.Create),
        (TrustBundleController.Name, TrustBundleController.Create),
        (SELinuxWarningController.Name, SELinuxWarningController.Create),
    ];
}
