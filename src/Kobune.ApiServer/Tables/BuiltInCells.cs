using Kobune.Api;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.ApiRegistration.V1;
using Kobune.Api.Apps.V1;
using Kobune.Api.Autoscaling.V2;
using Kobune.Api.Batch.V1;
using Kobune.Api.Certificates.V1;
using Kobune.Api.Coordination.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.FlowControl.V1;
using Kobune.Api.Networking.V1;
using Kobune.Api.Node.V1;
using Kobune.Api.Policy.V1;
using Kobune.Api.Rbac.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Scheduling.V1;
using Kobune.Api.Storage.V1;

namespace Kobune.ApiServer.Tables;

/// <summary>One row's cells, in the order of the schema's columns: strings, integers, booleans or null.</summary>
public delegate object?[] RowCells(EncodedObject obj, DateTimeOffset now);

/// <summary>The computed cells of the built-in kinds, in the storage version. A kind without an entry has the default columns Name and Created At.</summary>
public static class BuiltInCells
{
    private static readonly Dictionary<(string Group, string Resource), RowCells> Known = new()
    {
        [("", "configmaps")] = Row<ConfigMap>((o, now) => [o.Metadata.Name, o.Data.Count + o.BinaryData.Count, Age(o, now)]),
        [("", "endpoints")] = Row<Endpoints>(CoreCells.Endpoints),
        [("", "events")] = Row<Event>(CoreCells.Event),
        [("events.k8s.io", "events")] = Row<Event>(CoreCells.Event),
        [("", "namespaces")] = Row<Namespace>((o, now) => [o.Metadata.Name, o.Status.Phase, Age(o, now)]),
        [("", "nodes")] = Row<Api.Core.V1.Node>(CoreCells.Node),
        [("", "persistentvolumeclaims")] = Row<PersistentVolumeClaim>(CoreCells.PersistentVolumeClaim),
        [("", "persistentvolumes")] = Row<PersistentVolume>(CoreCells.PersistentVolume),
        [("", "pods")] = Row<Pod>(PodCells.Of),
        [("", "podtemplates")] = Row<PodTemplate>(WorkloadCells.PodTemplate),
        [("", "replicationcontrollers")] = Row<ReplicationController>(CoreCells.ReplicationController),
        [("", "resourcequotas")] = Row<ResourceQuota>(CoreCells.ResourceQuota),
        [("", "secrets")] = Row<Secret>((o, now) => [o.Metadata.Name, o.Type, o.Data.Count, Age(o, now)]),
        [("", "serviceaccounts")] = Row<ServiceAccount>((o, now) => [o.Metadata.Name, Age(o, now)]),
        [("", "services")] = Row<Service>(CoreCells.Service),
        [("admissionregistration.k8s.io", "mutatingadmissionpolicies")] = Row<MutatingAdmissionPolicy>((o, now) => OtherCells.Policy(o.Metadata, o.Spec.Mutations.Count, o.Spec.ParamKind, now)),
        [("admissionregistration.k8s.io", "validatingadmissionpolicies")] = Row<ValidatingAdmissionPolicy>((o, now) => OtherCells.Policy(o.Metadata, o.Spec.Validations.Count, o.Spec.ParamKind, now)),
        [("admissionregistration.k8s.io", "mutatingadmissionpolicybindings")] = Row<MutatingAdmissionPolicyBinding>((o, now) => OtherCells.PolicyBinding(o.Metadata, o.Spec.PolicyName, o.Spec.ParamRef, now)),
        [("admissionregistration.k8s.io", "validatingadmissionpolicybindings")] = Row<ValidatingAdmissionPolicyBinding>((o, now) => OtherCells.PolicyBinding(o.Metadata, o.Spec.PolicyName, o.Spec.ParamRef, now)),
        [("admissionregistration.k8s.io", "mutatingwebhookconfigurations")] = Row<MutatingWebhookConfiguration>((o, now) => [o.Metadata.Name, o.Webhooks.Count, Age(o, now)]),
        [("admissionregistration.k8s.io", "validatingwebhookconfigurations")] = Row<ValidatingWebhookConfiguration>((o, now) => [o.Metadata.Name, o.Webhooks.Count, Age(o, now)]),
        [("apiregistration.k8s.io", "apiservices")] = Row<APIService>(OtherCells.APIService),
        [("apps", "controllerrevisions")] = Row<ControllerRevision>(WorkloadCells.ControllerRevision),
        [("apps", "daemonsets")] = Row<DaemonSet>(WorkloadCells.DaemonSet),
        [("apps", "deployments")] = Row<Deployment>(WorkloadCells.Deployment),
        [("apps", "replicasets")] = Row<ReplicaSet>(WorkloadCells.ReplicaSet),
        [("apps", "statefulsets")] = Row<StatefulSet>(WorkloadCells.StatefulSet),
        [("autoscaling", "horizontalpodautoscalers")] = Row<HorizontalPodAutoscaler>(WorkloadCells.HorizontalPodAutoscaler),
        [("batch", "cronjobs")] = Row<CronJob>(WorkloadCells.CronJob),
        [("batch", "jobs")] = Row<Job>(WorkloadCells.Job),
        [("certificates.k8s.io", "certificatesigningrequests")] = Row<CertificateSigningRequest>(OtherCells.CertificateSigningRequest),
        [("coordination.k8s.io", "leases")] = Row<Lease>((o, now) => [o.Metadata.Name, o.Spec.HolderIdentity ?? "", Age(o, now)]),
        [("discovery.k8s.io", "endpointslices")] = Row<EndpointSlice>(OtherCells.EndpointSlice),
        [("flowcontrol.apiserver.k8s.io", "flowschemas")] = Row<FlowSchema>(OtherCells.FlowSchema),
        [("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations")] = Row<PriorityLevelConfiguration>(OtherCells.PriorityLevelConfiguration),
        [("networking.k8s.io", "ingressclasses")] = Row<IngressClass>(OtherCells.IngressClass),
        [("networking.k8s.io", "ingresses")] = Row<Ingress>(OtherCells.Ingress),
        [("networking.k8s.io", "ipaddresses")] = Row<IPAddress>(OtherCells.IPAddress),
        [("networking.k8s.io", "networkpolicies")] = Row<NetworkPolicy>((o, now) => [o.Metadata.Name, CellText.Selector(o.Spec.PodSelector), Age(o, now)]),
        [("networking.k8s.io", "servicecidrs")] = Row<ServiceCIDR>((o, now) => [o.Metadata.Name, CellText.Join(o.Spec.CIDRs), Age(o, now)]),
        [("node.k8s.io", "runtimeclasses")] = Row<RuntimeClass>((o, now) => [o.Metadata.Name, o.Handler, Age(o, now)]),
        [("policy", "poddisruptionbudgets")] = Row<PodDisruptionBudget>(WorkloadCells.PodDisruptionBudget),
        [("rbac.authorization.k8s.io", "clusterrolebindings")] = Row<ClusterRoleBinding>((o, now) => OtherCells.RoleBinding(o.Metadata, o.RoleRef, o.Subjects, now)),
        [("rbac.authorization.k8s.io", "rolebindings")] = Row<RoleBinding>((o, now) => OtherCells.RoleBinding(o.Metadata, o.RoleRef, o.Subjects, now)),
        [("resource.k8s.io", "deviceclasses")] = Row<DeviceClass>((o, now) => [o.Metadata.Name, Age(o, now)]),
        [("resource.k8s.io", "resourceclaims")] = Row<Api.Resource.V1.ResourceClaim>(OtherCells.ResourceClaim),
        [("resource.k8s.io", "resourceclaimtemplates")] = Row<ResourceClaimTemplate>((o, now) => [o.Metadata.Name, Age(o, now)]),
        [("resource.k8s.io", "resourceslices")] = Row<ResourceSlice>((o, now) => [o.Metadata.Name, o.Spec.NodeName ?? "", o.Spec.Driver, o.Spec.Pool.Name, Age(o, now)]),
        [("scheduling.k8s.io", "priorityclasses")] = Row<PriorityClass>((o, now) => [o.Metadata.Name, o.Value, o.GlobalDefault, Age(o, now), o.PreemptionPolicy ?? ""]),
        [("storage.k8s.io", "csidrivers")] = Row<CSIDriver>(OtherCells.CSIDriver),
        [("storage.k8s.io", "csinodes")] = Row<CSINode>((o, now) => [o.Metadata.Name, o.Spec.Drivers.Count, Age(o, now)]),
        [("storage.k8s.io", "csistoragecapacities")] = Row<CSIStorageCapacity>((o, now) => [o.Metadata.Name, o.StorageClassName, o.Capacity?.ToString() ?? CellText.Unset]),
        [("storage.k8s.io", "storageclasses")] = Row<StorageClass>(OtherCells.StorageClass),
        [("storage.k8s.io", "volumeattachments")] = Row<VolumeAttachment>(OtherCells.VolumeAttachment),
        [("storage.k8s.io", "volumeattributesclasses")] = Row<VolumeAttributesClass>((o, now) => [o.Metadata.Name, o.DriverName, Age(o, now)]),
    };

    /// <summary>The cells of a built-in kind; null = the default columns.</summary>
    public static RowCells? For(string group, string resource) => Known.GetValueOrDefault((group, resource));

    private static RowCells Row<T>(Func<T, DateTimeOffset, object?[]> cells)
        where T : class, IKubernetesObject<T> => (obj, now) => cells(obj.Read<T>(), now);

    private static string Age(IKubernetesObject obj, DateTimeOffset now) => HumanDuration.Since(obj.Metadata.CreationTimestamp, now);
}
