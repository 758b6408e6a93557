using System.Text.Json.Nodes;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.ApiServer.Admission.Configuration;
using Kobune.ApiServer.Admission.Plugins;
using Kobune.ApiServer.Admission.PodSecurity;
using Kobune.ApiServer.Admission.Policies;
using Kobune.ApiServer.Admission.Quotas;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Authorization;
using Kobune.ApiServer.Authorization.Rbac;
using Kobune.ApiServer.Webhooks;

namespace Kobune.ApiServer.Admission;

/// <summary>The plugins in upstream's order (pkg/kubeapiserver/options AllOrderedPlugins; NodeRestriction is on as kubeadm switches it on).</summary>
public static class AdmissionPlugins
{
    private const int FirstWithMutatingPolicies = 36;
    private const int FirstWithClaims = 34;

    private static readonly string[] OnRequest =
        ["NamespaceAutoProvision", "NamespaceExists", "LimitPodHardAntiAffinityTopology", "AlwaysPullImages", "ExtendedResourceToleration", "DenyServiceExternalIPs",
        "AlwaysAdmit", "AlwaysDeny", "OwnerReferencesPermissionEnforcement", "PodNodeSelector", "PodTolerationRestriction"];

    /// <summary>Names of all plugins that can be switched on or off.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. OnRequest, "NamespaceLifecycle", "LimitRanger", "ServiceAccount", "NodeRestriction", "TaintNodesByCondition", "PodSecurity", "Priority", "DefaultTolerationSeconds", "DefaultStorageClass",
        "StorageObjectInUseProtection", "PersistentVolumeClaimResize", "RuntimeClass", "CertificateApproval", "CertificateSigning", "CertificateSubjectRestriction", "DefaultIngressClass", "PodTopologyLabels", "NodeDeclaredFeatureValidator", "MutatingAdmissionPolicy", "MutatingAdmissionWebhook", "ValidatingAdmissionPolicy", "ValidatingAdmissionWebhook", "ResourceQuota",
    ];

    /// <summary>Names that upstream has beside them; here nothing is behind them.</summary>
    public static IReadOnlyList<string> Absent { get; } =
    [
        "ClusterTrustBundleAttest", "EventRateLimit", "ImagePolicyWebhook",
    ];

    /// <summary>The default chain.</summary>
    public static AdmissionChain Default(RbacAuthorizer rbac, IAuthorizer authorizer, TimeProvider time) => Of(rbac, authorizer, time, new());

    /// <summary>The chain that the settings ask for; expressions and plugins are those of the release and its gates, the newest for null.</summary>
    /// <exception cref="FormatException">The file of settings, and what is wrong with it.</exception>
    public static AdmissionChain Of(RbacAuthorizer rbac, IAuthorizer authorizer, TimeProvider time, AdmissionSettings settings, FeatureGates? features = null)
    {
        var gates = features ?? FeatureGates.Default(KubernetesVersion.Newest);
        var minor = gates.Version.Minor;
        var conditions = settings.MatchConditions ?? new CelMatchConditions(authorizer, minor);
        var file = settings.ConfigFile.Length > 0 ? AdmissionFile.Load(settings.ConfigFile) : AdmissionFile.None;
        bool Runs(string name) => !settings.Disabled.Contains(name) && (!OnRequest.Contains(name) || settings.Enabled.Contains(name));
        T? Told<T>(string plugin, Func<JsonObject?, T?> read)
            where T : class => Runs(plugin) ? file.Configure(plugin, read) : null; // what does not run may be told anything
        IAdmissionPlugin[] all =
        [
            new AlwaysAdmit(),
            new NamespaceAutoProvision(),
            new NamespaceLifecycle(),
            new NamespaceExists(),
            new LimitPodHardAntiAffinityTopology(),
            new LimitRanger(),
            new ServiceAccountAdmission(time),
            new NodeRestriction(),
            new TaintNodesByCondition(),
            new AlwaysPullImages(),
            new PodSecurityAdmission(minor, Told("PodSecurity", PodSecuritySettings.Of)),
            new PodNodeSelector(Told("PodNodeSelector", PodNodeSelector.Read)),
            new Priority(),
            new DefaultTolerationSeconds(settings.NotReadySeconds, settings.UnreachableSeconds),
            new PodTolerationRestriction(Told("PodTolerationRestriction", PodTolerationSettings.Read)),
            new ExtendedResourceToleration(),
            new DefaultStorageClass(),
            new StorageObjectInUseProtection(),
            new OwnerReferencesPermissionEnforcement(authorizer),
            new PersistentVolumeClaimResize(),
            new RuntimeClassAdmission(),
            CertificateRights.Approval(authorizer),
            CertificateRights.Signing(authorizer),
            new CertificateSubjectRestriction(),
            new DefaultIngressClass(),
            new DenyServiceExternalIPs(),
            .. gates.IsEnabled("PodTopologyLabelsAdmission") ? [new PodTopologyLabels()] : Array.Empty<IAdmissionPlugin>(),
            .. gates.IsEnabled("NodeDeclaredFeatures") ? [new NodeDeclaredFeatures()] : Array.Empty<IAdmissionPlugin>(),
            .. minor >= FirstWithMutatingPolicies && gates.IsEnabled("MutatingAdmissionPolicy") ? [new MutatingAdmissionPolicyPlugin(authorizer, minor)] : Array.Empty<IAdmissionPlugin>(),
            new MutatingAdmissionWebhook(conditions, Told("MutatingAdmissionWebhook", WebhookCredentials.Of)),
            new ValidatingAdmissionPolicyPlugin(authorizer, minor),
            new ValidatingAdmissionWebhook(conditions, Told("ValidatingAdmissionWebhook", WebhookCredentials.Of)),
            new EscalationCheck(rbac, authorizer), // upstream has it in front of the storage, which is behind every plugin that changes the object
            new ResourceQuotaAdmission(time, minor >= FirstWithClaims && gates.IsEnabled("DynamicResourceAllocation"), Told("ResourceQuota", LimitedResource.Read)),
            new AlwaysDeny(),
        ];
        return new([.. all.Where(p => Runs(p.Name))]);
    }
}
