using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Kinds.AdmissionRegistration;
using Kobune.ApiServer.Kinds.ApiExtensions;
using Kobune.ApiServer.Kinds.ApiRegistration;
using Kobune.ApiServer.Kinds.Certificates;
using Kobune.ApiServer.Kinds.Core;
using Kobune.ApiServer.Kinds.FlowControl;
using Kobune.ApiServer.Kinds.Networking;
using Kobune.ApiServer.Kinds.Pods;
using Kobune.ApiServer.Kinds.Policy;
using Kobune.ApiServer.Kinds.Resource;
using Kobune.ApiServer.Kinds.Services;
using Kobune.ApiServer.Kinds.Storage;
using Kobune.ApiServer.Kinds.Workloads;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds;

/// <summary>What the built-in kinds do beyond their schema: defaults, preparation, validation. Allocation of addresses and ports is apart.</summary>
public static class BuiltInStrategies
{
    /// <summary>One per kind.</summary>
    public static IReadOnlyList<KindStrategy> All { get; } =
    [
        new PodStrategy(),
        new RuntimeClassStrategy(),
        new PodTemplateStrategy(),
        new ReplicationControllerStrategy(),
        new DeploymentKindStrategy(),
        new ReplicaSetStrategy(),
        new StatefulSetStrategy(),
        new DaemonSetStrategy(),
        new ControllerRevisionStrategy(),
        new JobStrategy(),
        new CronJobStrategy(),
        new ServiceStrategy(),
        new EndpointsStrategy(),
        new EndpointSliceStrategy(),
        new NamespaceStrategy(),
        new NodeStrategy(),
        new ConfigMapStrategy(),
        new SecretStrategy(),
        new ServiceAccountStrategy(),
        new LeaseStrategy(),
        new LeaseCandidateStrategy(),
        new EventStrategy(),
        new ResourceQuotaStrategy(),
        new LimitRangeStrategy(),
        new PersistentVolumeStrategy(),
        new PersistentVolumeClaimStrategy(),
        new StorageClassStrategy(),
        new CSIDriverStrategy(),
        new CSINodeStrategy(),
        new CSIStorageCapacityStrategy(),
        new VolumeAttachmentStrategy(),
        new VolumeAttributesClassStrategy(),
        new IngressStrategy(),
        new IngressClassStrategy(),
        new NetworkPolicyStrategy(),
        new IPAddressStrategy(),
        new ServiceCIDRStrategy(),
        new ResourceClaimStrategy(),
        new ResourceClaimTemplateStrategy(),
        new DeviceClassStrategy(),
        new DeviceTaintRuleStrategy(),
        new ResourceSliceStrategy(),
        new PriorityClassStrategy(),
        new PodDisruptionBudgetStrategy(),
        new HorizontalPodAutoscalerStrategy(),
        new FlowSchemaStrategy(),
        new PriorityLevelStrategy(),
        new RoleStrategy(),
        new ClusterRoleStrategy(),
        new RoleBindingStrategy(),
        new ClusterRoleBindingStrategy(),
        new CustomResourceDefinitionStrategy(),
        new WebhookConfigurationStrategy("validatingwebhookconfigurations"),
        new WebhookConfigurationStrategy("mutatingwebhookconfigurations"),
        new AdmissionPolicyStrategy("validatingadmissionpolicies"),
        new AdmissionPolicyStrategy("validatingadmissionpolicybindings"),
        new AdmissionPolicyStrategy("mutatingadmissionpolicies"),
        new AdmissionPolicyStrategy("mutatingadmissionpolicybindings"),
        new APIServiceStrategy(),
        new CertificateSigningRequestStrategy(),
        new ClusterTrustBundleStrategy(),
        new PodCertificateRequestStrategy(),
        new StorageVersionMigrationStrategy(),
    ];

    /// <summary>Those of a server that can judge the matchConditions of webhooks; expressions of policies are those of release 1.<paramref name="minor"/>.</summary>
    public static IReadOnlyList<KindStrategy> With(IMatchConditions conditions, int minor = 36) =>
    [
        .. All.Where(s => s is not (WebhookConfigurationStrategy or AdmissionPolicyStrategy)),
        new WebhookConfigurationStrategy("validatingwebhookconfigurations", conditions),
        new WebhookConfigurationStrategy("mutatingwebhookconfigurations", conditions),
        new AdmissionPolicyStrategy("validatingadmissionpolicies", minor),
        new AdmissionPolicyStrategy("validatingadmissionpolicybindings", minor),
        new AdmissionPolicyStrategy("mutatingadmissionpolicies", minor),
        new AdmissionPolicyStrategy("mutatingadmissionpolicybindings", minor),
    ];
}
