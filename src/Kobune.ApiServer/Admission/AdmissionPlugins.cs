using Kobune.ApiServer.Admission.Plugins;
using Kobune.ApiServer.Admission.Quotas;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Authorization.Rbac;

namespace Kobune.ApiServer.Admission;

/// <summary>The plugins that are on, in upstream's order (pkg/kubeapiserver/options AllOrderedPlugins; NodeRestriction as kubeadm switches it on).</summary>
public static class AdmissionPlugins
{
    /// <summary>The default chain.</summary>
    public static AdmissionChain Default(RbacAuthorizer rbac, IAuthorizer authorizer, TimeProvider time) => new(
    [
        new NamespaceLifecycle(),
        new LimitRanger(),
        new ServiceAccountAdmission(time),
        new NodeRestriction(),
        new TaintNodesByCondition(),
        new Priority(),
        new DefaultTolerationSeconds(),
        new DefaultStorageClass(),
        new StorageObjectInUseProtection(),
        new PersistentVolumeClaimResize(),
        new DefaultIngressClass(),
        new EscalationCheck(rbac, authorizer), // upstream has it in front of the storage, behind no plugin but quota
        new ResourceQuotaAdmission(time),
    ]);
}
