using System.Net;
using Kobune.Api;
using Kobune.Api.Schema;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Authentication.OpenId;
using Kobune.Kubelet;

namespace Kobune.Node.Settings;

/// <summary>The settings with an effect, each with the check of its value. Every one has a property in <see cref="ComponentSettings"/>.</summary>
internal static class AppliedSettings
{
    private static readonly string[] Modes = ["Node", "RBAC", "AlwaysAllow", "AlwaysDeny", "Webhook"];

    public static readonly IReadOnlyDictionary<string, Func<string, bool>> Checks = new Dictionary<string, Func<string, bool>>(StringComparer.Ordinal)
    {
        ["apiserver.admission-control-config-file"] = IsPath,
        ["apiserver.anonymous-auth"] = IsFlag,
        ["apiserver.api-audiences"] = IsList,
        ["apiserver.audit-log-batch-buffer-size"] = IsPositive,
        ["apiserver.audit-log-batch-max-size"] = IsPositive,
        ["apiserver.audit-log-batch-max-wait"] = IsTime,
        ["apiserver.audit-log-batch-throttle-burst"] = IsPositive,
        ["apiserver.audit-log-batch-throttle-enable"] = IsFlag,
        ["apiserver.audit-log-batch-throttle-qps"] = v => SettingValues.Fraction(v) > 0,
        ["apiserver.audit-log-compress"] = IsFlag,
        ["apiserver.audit-log-format"] = v => v is "json" or "legacy",
        ["apiserver.audit-log-maxage"] = IsCount,
        ["apiserver.audit-log-maxbackup"] = IsCount,
        ["apiserver.audit-log-maxsize"] = IsCount,
        ["apiserver.audit-log-mode"] = v => v is "batch" or "blocking" or "blocking-strict",
        ["apiserver.audit-log-path"] = v => v == "-" || IsPath(v),
        ["apiserver.audit-log-truncate-enabled"] = IsFlag,
        ["apiserver.audit-log-truncate-max-batch-size"] = IsPositive,
        ["apiserver.audit-log-truncate-max-event-size"] = IsPositive,
        ["apiserver.audit-policy-file"] = IsPath,
        ["apiserver.audit-webhook-batch-buffer-size"] = IsPositive,
        ["apiserver.audit-webhook-batch-max-size"] = IsPositive,
        ["apiserver.audit-webhook-batch-max-wait"] = IsTime,
        ["apiserver.audit-webhook-batch-throttle-burst"] = IsPositive,
        ["apiserver.audit-webhook-batch-throttle-enable"] = IsFlag,
        ["apiserver.audit-webhook-batch-throttle-qps"] = v => SettingValues.Fraction(v) > 0,
        ["apiserver.audit-webhook-config-file"] = IsPath,
        ["apiserver.audit-webhook-initial-backoff"] = IsPeriod,
        ["apiserver.audit-webhook-mode"] = v => v is "batch" or "blocking" or "blocking-strict",
        ["apiserver.audit-webhook-truncate-enabled"] = IsFlag,
        ["apiserver.audit-webhook-truncate-max-batch-size"] = IsPositive,
        ["apiserver.audit-webhook-truncate-max-event-size"] = IsPositive,
        ["apiserver.authentication-config"] = IsPath,
        ["apiserver.authentication-token-webhook-cache-ttl"] = IsTime,
        ["apiserver.authentication-token-webhook-config-file"] = IsPath,
        ["apiserver.authentication-token-webhook-version"] = IsReviewVersion,
        ["apiserver.authorization-config"] = IsPath,
        ["apiserver.authorization-mode"] = v => SettingValues.List(v) is { Count: > 0 } modes && modes.All(Modes.Contains) && modes.Distinct().Count() == modes.Count,
        ["apiserver.authorization-webhook-cache-authorized-ttl"] = IsTime,
        ["apiserver.authorization-webhook-cache-unauthorized-ttl"] = IsTime,
        ["apiserver.authorization-webhook-config-file"] = IsPath,
        ["apiserver.authorization-webhook-version"] = IsReviewVersion,
        ["apiserver.default-not-ready-toleration-seconds"] = v => SettingValues.Number(v) >= 0,
        ["apiserver.default-unreachable-toleration-seconds"] = v => SettingValues.Number(v) >= 0,
        ["apiserver.disable-admission-plugins"] = ArePlugins,
        ["apiserver.enable-admission-plugins"] = ArePlugins,
        ["apiserver.enable-bootstrap-token-auth"] = IsFlag,
        ["apiserver.enable-priority-and-fairness"] = IsFlag,
        ["apiserver.event-ttl"] = IsPeriod,
        ["apiserver.feature-gates"] = IsList,
        ["apiserver.max-mutating-requests-inflight"] = IsPositive,
        ["apiserver.max-requests-inflight"] = IsPositive,
        ["apiserver.min-request-timeout"] = IsPositive,
        ["apiserver.oidc-ca-file"] = IsPath,
        ["apiserver.oidc-client-id"] = v => v.Length > 0,
        ["apiserver.oidc-groups-claim"] = v => v.Length > 0,
        ["apiserver.oidc-groups-prefix"] = v => v.Length > 0,
        ["apiserver.oidc-issuer-url"] = v => v.StartsWith("https://", StringComparison.Ordinal) && Uri.TryCreate(v, UriKind.Absolute, out _),
        ["apiserver.oidc-required-claim"] = v => SettingValues.Pairs(v) is { Count: > 0 },
        ["apiserver.oidc-signing-algs"] = v => SettingValues.List(v) is { Count: > 0 } algorithms && algorithms.All(OpenIdOptions.KnownAlgorithms.Contains),
        ["apiserver.oidc-username-claim"] = v => v.Length > 0,
        ["apiserver.oidc-username-prefix"] = v => v.Length > 0,
        ["apiserver.runtime-config"] = v => RuntimeConfig.TryParse(v) is { } config && config.Unknown(ApiSchema.BuiltIn) is null,
        ["apiserver.service-account-extend-token-expiration"] = IsFlag,
        ["apiserver.service-account-issuer"] = v => v.Length > 0 && (!v.Contains(':', StringComparison.Ordinal) || Uri.TryCreate(v, UriKind.Absolute, out _)),
        ["apiserver.service-account-max-token-expiration"] = v => SettingValues.Duration(v) is { } time && time >= TimeSpan.FromHours(1) && time <= TimeSpan.FromSeconds(1L << 32),
        ["apiserver.service-node-port-range"] = v => SettingValues.Ports(v) is not null,
        ["apiserver.token-auth-file"] = IsPath,
        ["controller-manager.allocate-node-cidrs"] = IsFlag,
        ["controller-manager.bind-address"] = v => IPAddress.TryParse(v, out _),
        ["controller-manager.cluster-signing-duration"] = IsPeriod,
        ["controller-manager.concurrent-cron-job-syncs"] = IsPositive,
        ["controller-manager.concurrent-daemonset-syncs"] = IsPositive,
        ["controller-manager.concurrent-deployment-syncs"] = IsPositive,
        ["controller-manager.concurrent-endpoint-syncs"] = IsPositive,
        ["controller-manager.concurrent-horizontal-pod-autoscaler-syncs"] = IsPositive,
        ["controller-manager.concurrent-job-syncs"] = IsPositive,
        ["controller-manager.concurrent-namespace-syncs"] = IsPositive,
        ["controller-manager.concurrent-replicaset-syncs"] = IsPositive,
        ["controller-manager.concurrent-service-endpoint-syncs"] = IsPositive,
        ["controller-manager.concurrent-statefulset-syncs"] = IsPositive,
        ["controller-manager.concurrent-ttl-after-finished-syncs"] = IsPositive,
        ["controller-manager.controllers"] = v => SettingValues.List(v).Count > 0 && SettingValues.List(v).All(ControllerNames.IsKnown),
        ["controller-manager.disable-force-detach-on-timeout"] = IsFlag,
        ["controller-manager.feature-gates"] = IsList,
        ["controller-manager.horizontal-pod-autoscaler-cpu-initialization-period"] = IsPeriod,
        ["controller-manager.horizontal-pod-autoscaler-downscale-stabilization"] = IsPeriod,
        ["controller-manager.horizontal-pod-autoscaler-initial-readiness-delay"] = IsPeriod,
        ["controller-manager.horizontal-pod-autoscaler-sync-period"] = IsPeriod,
        ["controller-manager.horizontal-pod-autoscaler-tolerance"] = v => SettingValues.Fraction(v) >= 0,
        ["controller-manager.large-cluster-size-threshold"] = v => SettingValues.Number(v) >= 0,
        ["controller-manager.legacy-service-account-token-clean-up-period"] = IsPeriod,
        ["controller-manager.node-cidr-mask-size"] = IsMask,
        ["controller-manager.node-cidr-mask-size-ipv4"] = IsMask,
        ["controller-manager.node-monitor-grace-period"] = IsPeriod,
        ["controller-manager.node-startup-grace-period"] = IsPeriod,
        ["controller-manager.secure-port"] = v => SettingValues.Number(v) is >= 0 and < 65536,
        ["controller-manager.terminated-pod-gc-threshold"] = v => SettingValues.Number(v) is not null,
        ["controller-manager.node-eviction-rate"] = v => SettingValues.Fraction(v) >= 0,
        ["controller-manager.secondary-node-eviction-rate"] = v => SettingValues.Fraction(v) >= 0,
        ["controller-manager.unhealthy-zone-threshold"] = v => SettingValues.Fraction(v) is >= 0 and <= 1,
        ["kubeadm.pod-network-cidr"] = v => PodNetworks.Parse(v) is not null, // read by the command line, which gives each node its part
        ["kubelet.address"] = v => SettingValues.Addresses(v) is { Count: 1 },
        ["kubelet.allowed-unsafe-sysctls"] = v => KubeletOptions.AreNamespacedSysctls(SettingValues.List(v)),
        ["kubelet.cluster-dns"] = v => SettingValues.Addresses(v) is not null,
        ["kubelet.cluster-domain"] = v => v.Length > 0 && !v.Any(char.IsWhiteSpace),
        ["kubelet.container-log-max-files"] = v => SettingValues.Number(v) > 1,
        ["kubelet.container-log-max-size"] = v => Quantity.TryParse(v, out var size) && size.Value > 0,
        ["kubelet.cpu-cfs-quota"] = IsFlag,
        ["kubelet.feature-gates"] = IsList,
        ["kubelet.kube-reserved"] = v => SettingValues.Quantities(v) is not null,
        ["kubelet.max-parallel-image-pulls"] = IsPositive,
        ["kubelet.max-pods"] = IsPositive,
        ["kubelet.node-labels"] = v => SettingValues.Pairs(v) is not null,
        ["kubelet.node-status-update-frequency"] = IsPeriod,
        ["kubelet.pod-manifest-path"] = IsPath,
        ["kubelet.pods-per-core"] = v => SettingValues.Number(v) >= 0,
        ["kubelet.register-with-taints"] = v => SettingValues.Taints(v) is not null,
        ["kubelet.resolv-conf"] = v => v.Length == 0 || IsPath(v),
        ["kubelet.seccomp-default"] = IsFlag,
        ["kubelet.serialize-image-pulls"] = IsFlag,
        ["kubelet.system-reserved"] = v => SettingValues.Quantities(v) is not null,
        ["proxy.cluster-cidr"] = v => SettingValues.Ranges(v) is not null,
        ["proxy.clusterCIDR"] = v => SettingValues.Ranges(v) is not null,
        ["proxy.healthz-bind-address"] = v => SettingValues.Port(v) is not null,
        ["proxy.healthzBindAddress"] = v => SettingValues.Port(v) is not null,
        ["proxy.iptables-localhost-nodeports"] = IsFlag,
        ["proxy.metrics-bind-address"] = v => SettingValues.Port(v) is not null,
        ["proxy.metricsBindAddress"] = v => SettingValues.Port(v) is not null,
        ["proxy.mode"] = IsProxyMode,
        ["proxy.nodePortAddresses"] = IsNodePortChoice,
        ["proxy.nodeport-addresses"] = IsNodePortChoice,
        ["proxy.proxy-mode"] = IsProxyMode,
        ["scheduler.bind-address"] = v => IPAddress.TryParse(v, out _),
        ["scheduler.config"] = IsPath,
        ["scheduler.leader-elect"] = IsFlag,
        ["scheduler.pod-max-in-unschedulable-pods-duration"] = IsPeriod,
        ["scheduler.secure-port"] = v => SettingValues.Number(v) is >= 0 and < 65536,
    };

    private static bool IsFlag(string text) => SettingValues.Flag(text) is not null;

    private static bool IsPositive(string text) => SettingValues.Number(text) > 0;

    private static bool IsCount(string text) => SettingValues.Number(text) >= 0;

    private static bool IsTime(string text) => SettingValues.Duration(text) >= TimeSpan.Zero;

    private static bool IsPeriod(string text) => SettingValues.Duration(text) > TimeSpan.Zero;

    private static bool IsMask(string text) => SettingValues.Number(text) is > 0 and <= 32;

    private static bool IsList(string text) => SettingValues.List(text).Count > 0;

    private static bool IsPath(string text) => text.StartsWith('/');

    private static bool IsReviewVersion(string text) => text is "v1" or "v1beta1";

    private static bool IsProxyMode(string text) => text is "nftables" or "iptables" or "ipvs" or "userspace";

    private static bool IsNodePortChoice(string text) => text == "primary" || SettingValues.Ranges(text) is not null;

    private static bool ArePlugins(string text) => SettingValues.List(text).All(p => AdmissionPlugins.Names.Contains(p) || AdmissionPlugins.Absent.Contains(p));
}
