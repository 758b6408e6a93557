using Kobune.Cli.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Clusters;

/// <summary>--feature-gates: upstream's gates are known by name; none of them changes what Kobune does, which is told.</summary>
internal static class FeatureGates
{
    /// <summary>Gates of v1.36's components. Written from memory; to be compared with the reference page.</summary>
    private static readonly HashSet<string> Known =
    [
        .. ("AllAlpha AllBeta APIResponseCompression APIServerIdentity APIServerTracing AggregatedDiscoveryRemoveBetaType AllowDNSOnlyNodeCSR AllowParsingUserUIDFromCertAuth AllowUnsafeMalformedObjectDeletion "
            + "AnonymousAuthConfigurableEndpoints AnyVolumeDataSource AuthorizeNodeWithSelectors AuthorizeWithSelectors BtreeWatchCache CBORServingAndStorage CPUManagerPolicyAlphaOptions CPUManagerPolicyBetaOptions "
            + "CPUManagerPolicyOptions CRDObservedGenerationTracking CRDValidationRatcheting CSIMigrationPortworx CSIVolumeHealth ClearingNominatedNodeNameAfterBinding ClientsAllowCBOR ClientsPreferCBOR CloudControllerManagerWebhook "
            + "ClusterTrustBundle ClusterTrustBundleProjection ComponentFlagz ComponentStatusz ConcurrentWatchObjectDecode ConsistentListFromCache ContainerCheckpoint ContainerRestartRules ContainerStopSignals ContextualLogging "
            + "CoordinatedLeaderElection CrossNamespaceVolumeDataSource CustomCPUCFSQuotaPeriod CustomResourceFieldSelectors DRAAdminAccess DRAConsumableCapacity DRADeviceBindingConditions DRADeviceTaints DRAExtendedResource "
            + "DRAPartitionableDevices DRAPrioritizedList DRAResourceClaimDeviceStatus DRASchedulerFilterTimeout DeclarativeValidation DeclarativeValidationTakeover DeploymentReplicaSetTerminatingReplicas DetectCacheInconsistency "
            + "DisableAllocatorDualWrite DisableCPUQuotaWithExclusiveCPUs DisableNodeKubeProxyVersion DynamicResourceAllocation EnvFiles EventedPLEG ExternalServiceAccountTokenSigner GracefulNodeShutdown "
            + "GracefulNodeShutdownBasedOnPodPriority HPAConfigurableTolerance HPAScaleToZero HonorPVReclaimPolicy HostnameOverride ImageMaximumGCAge ImageVolume InOrderInformers InPlacePodVerticalScaling "
            + "InPlacePodVerticalScalingAllocatedStatus InPlacePodVerticalScalingExclusiveCPUs InformerResourceVersion JobBackoffLimitPerIndex JobManagedBy JobPodReplacementPolicy JobSuccessPolicy KMSv1 KubeletCgroupDriverFromCRI "
            + "KubeletCrashLoopBackOffMax KubeletEnsureSecretPulledImages KubeletFineGrainedAuthz KubeletInUserNamespace KubeletPSI KubeletPodResourcesDynamicResources KubeletPodResourcesGet KubeletRegistrationGetOnExistsOnly "
            + "KubeletSeparateDiskGC KubeletServiceAccountTokenForCredentialProviders KubeletTracing ListFromCacheSnapshot LoadBalancerIPMode LocalStorageCapacityIsolationFSQuotaMonitoring LogarithmicScaleDown LoggingAlphaOptions "
            + "LoggingBetaOptions MatchLabelKeysInPodAffinity MatchLabelKeysInPodTopologySpread MaxUnavailableStatefulSet MemoryManager MemoryQoS MultiCIDRServiceAllocator MutableCSINodeAllocatableCount MutablePVNodeAffinity "
            + "MutatingAdmissionPolicy NFTablesProxyMode NodeDeclaredFeatures NodeInclusionPolicyInPodTopologySpread NodeLogQuery NodeSwap NominatedNodeNameForExpectation OpenAPIEnums OpportunisticBatching OrderedNamespaceDeletion "
            + "PodAndContainerStatsFromCRI PodCertificateRequest PodDeletionCost PodIndexLabel PodLevelResources PodLifecycleSleepAction PodLifecycleSleepActionAllowZero PodLogsQuerySplitStreams PodObservedGenerationTracking "
            + "PodReadyToStartContainersCondition PodSchedulingReadiness PodTopologyLabelsAdmission PortForwardWebsockets PreferSameTrafficDistribution PreventStaticPodAPIReferences ProbeHostPodSecurityStandards ProcMountType "
            + "QOSReserved RecoverVolumeExpansionFailure RecursiveReadOnlyMounts RelaxedDNSSearchValidation RelaxedEnvironmentVariableValidation RelaxedServiceNameValidation ReloadKubeletServerCertificateFile RemoteRequestHeaderUID "
            + "ResilientWatchCacheInitialization ResourceHealthStatus RetryGenerateName RotateKubeletServerCertificate RuntimeClassInImageCriApi SELinuxChangePolicy SELinuxMount SELinuxMountReadWriteOncePod SchedulerAsyncAPICalls "
            + "SchedulerAsyncPreemption SchedulerPopFromBackoffQ SchedulerQueueingHints SeparateCacheWatchRPC SeparateTaintEvictionController ServiceAccountNodeAudienceRestriction ServiceAccountTokenJTI "
            + "ServiceAccountTokenNodeBinding ServiceAccountTokenNodeBindingValidation ServiceAccountTokenPodNodeInfo ServiceTrafficDistribution SidecarContainers SizeBasedListCostEstimate StatefulSetAutoDeletePVC "
            + "StatefulSetSemanticRevisionComparison StorageCapacityScoring StorageNamespaceIndex StorageVersionAPI StorageVersionHash StorageVersionMigrator StreamingCollectionEncodingToJSON StreamingCollectionEncodingToProtobuf "
            + "StrictCostEnforcementForVAP StrictCostEnforcementForWebhooks StrictIPCIDRValidation StructuredAuthenticationConfiguration StructuredAuthorizationConfiguration SupplementalGroupsPolicy SystemdWatchdog "
            + "TokenRequestServiceAccountUIDValidation TopologyAwareHints TopologyManagerPolicyAlphaOptions TopologyManagerPolicyBetaOptions TopologyManagerPolicyOptions TranslateStreamCloseWebsocketRequests UnauthenticatedHTTP2DOSMitigation "
            + "UnknownVersionInteroperabilityProxy UserNamespacesPodSecurityStandards UserNamespacesSupport VolumeAttributesClass WatchCacheInitializationPostStartHook WatchFromStorageWithoutResourceVersion WatchList WatchListClient "
            + "WinDSR WinOverlay WindowsCPUAndMemoryAffinity WindowsGracefulNodeShutdown").Split(' '),
    ];

    /// <summary>Reads "Name=true,Other=false".</summary>
    /// <exception cref="CliException">A gate that nobody knows, or a value that is not true or false.</exception>
    public static IReadOnlyList<KeyValuePair<string, bool>> Parse(string text)
    {
        var gates = new List<KeyValuePair<string, bool>>();
        foreach (var gate in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = gate.Split('=');
            if (parts.Length != 2 || !bool.TryParse(parts[1], out var value))
            {
                throw new CliException(Reason.Usage, Message.BadValue, $"\"{gate}\"", "--feature-gates");
            }

            if (!Known.Contains(parts[0]))
            {
                throw new CliException(Reason.Usage, Message.SettingUnknown, "--feature-gates", parts[0]);
            }

            gates.Add(new(parts[0], value));
        }

        return gates;
    }
}
