namespace Kobune.Node.Settings;

/// <summary>The flags that upstream's components have. Source: the reference pages of the command line tools, v1.36.</summary>
internal static class UpstreamFlags
{
    private static readonly Dictionary<string, HashSet<string>> Known = new(StringComparer.Ordinal)
    {
        ["kubeadm"] = Words(
            "ignore-preflight-errors dry-run kubeconfig kubeconfig-dir node-name cri-socket experimental-upload-certs certificate-key rootfs skip-phases pod-network-cidr"),
        ["kubelet"] = Words(
            "address allowed-unsafe-sysctls anonymous-auth authentication-token-webhook authorization-mode bootstrap-kubeconfig cert-dir cgroup-driver cgroup-root cgroups-per-qos client-ca-file",
            "cluster-dns cluster-domain config container-runtime-endpoint cpu-cfs-quota cpu-cfs-quota-period cpu-manager-policy enable-controller-attach-detach enable-debugging-handlers enable-server",
            "enforce-node-allocatable event-burst event-qps eviction-hard eviction-max-pod-grace-period eviction-minimum-reclaim eviction-pressure-transition-period eviction-soft",
            "eviction-soft-grace-period fail-swap-on feature-gates file-check-frequency hairpin-mode healthz-bind-address healthz-port hostname-override http-check-frequency image-gc-high-threshold",
            "image-gc-low-threshold image-service-endpoint kernel-memcg-notification kube-api-burst kube-api-qps kubeconfig local-storage-capacity-isolation make-iptables-util-chains manifest-url",
            "max-open-files memory-manager-policy minimum-image-ttl-duration node-ip node-status-max-images node-status-update-frequency oom-score-adj pod-cidr pod-infra-container-image",
            "pod-manifest-path pod-max-pids pods-per-core port protect-kernel-defaults read-only-port register-node registry-burst registry-qps reserved-cpus resolv-conf root-dir rotate-certificates",
            "rotate-server-certificates runtime-cgroups runtime-request-timeout seccomp-default serialize-image-pulls streaming-connection-idle-timeout sync-frequency system-cgroups tls-cert-file",
            "tls-cipher-suites tls-min-version tls-private-key-file topology-manager-policy topology-manager-scope v volume-plugin-dir volume-stats-agg-period authorization-webhook-cache-authorized-ttl housekeeping-interval"),
        ["apiserver"] = Words(
            "admission-control-config-file advertise-address allow-privileged anonymous-auth api-audiences audit-log-format audit-log-maxage audit-log-maxbackup audit-log-maxsize audit-log-mode",
            "audit-log-path audit-policy-file audit-webhook-config-file authentication-config authentication-token-webhook-config-file authorization-config authorization-mode",
            "authorization-webhook-config-file bind-address cert-dir client-ca-file contention-profiling cors-allowed-origins default-not-ready-toleration-seconds",
            "default-unreachable-toleration-seconds default-watch-cache-size delete-collection-workers disable-admission-plugins egress-selector-config-file enable-admission-plugins",
            "enable-aggregator-routing enable-bootstrap-token-auth enable-garbage-collector enable-priority-and-fairness encryption-provider-config endpoint-reconciler-type etcd-cafile etcd-certfile",
            "etcd-keyfile etcd-prefix etcd-servers event-ttl external-hostname feature-gates goaway-chance http2-max-streams-per-connection kubelet-certificate-authority kubelet-client-certificate",
            "kubelet-client-key kubelet-preferred-address-types kubelet-timeout livez-grace-period max-connection-bytes-per-sec max-mutating-requests-inflight max-requests-inflight min-request-timeout",
            "oidc-ca-file oidc-client-id oidc-groups-claim oidc-groups-prefix oidc-issuer-url oidc-required-claim oidc-signing-algs oidc-username-claim oidc-username-prefix profiling proxy-client-cert-file",
            "proxy-client-key-file request-timeout requestheader-allowed-names requestheader-client-ca-file requestheader-extra-headers-prefix requestheader-group-headers requestheader-username-headers",
            "runtime-config secure-port service-account-extend-token-expiration service-account-issuer service-account-jwks-uri service-account-key-file service-account-lookup",
            "service-account-max-token-expiration service-account-signing-key-file service-cluster-ip-range shutdown-delay-duration storage-backend storage-media-type strict-transport-security-directives",
            "tls-cert-file tls-cipher-suites tls-min-version tls-private-key-file tls-sni-cert-key token-auth-file v vmodule watch-cache watch-cache-sizes"),
        ["controller-manager"] = Words(
            "allocate-node-cidrs attach-detach-reconcile-sync-period authentication-kubeconfig authorization-kubeconfig bind-address cert-dir client-ca-file cloud-provider cluster-cidr cluster-name",
            "cluster-signing-cert-file cluster-signing-duration cluster-signing-key-file concurrent-deployment-syncs concurrent-endpoint-syncs concurrent-gc-syncs concurrent-namespace-syncs",
            "concurrent-rc-syncs concurrent-replicaset-syncs concurrent-resource-quota-syncs concurrent-service-endpoint-syncs concurrent-service-syncs concurrent-serviceaccount-token-syncs",
            "concurrent-statefulset-syncs concurrent-ttl-after-finished-syncs configure-cloud-routes enable-dynamic-provisioning enable-garbage-collector enable-hostpath-provisioner feature-gates",
            "horizontal-pod-autoscaler-cpu-initialization-period horizontal-pod-autoscaler-downscale-stabilization horizontal-pod-autoscaler-initial-readiness-delay",
            "horizontal-pod-autoscaler-sync-period horizontal-pod-autoscaler-tolerance kube-api-burst kube-api-qps kubeconfig large-cluster-size-threshold leader-elect leader-elect-lease-duration",
            "leader-elect-renew-deadline leader-elect-retry-period namespace-sync-period node-cidr-mask-size node-eviction-rate node-monitor-period profiling pvclaimbinder-sync-period requestheader-client-ca-file",
            "resource-quota-sync-period root-ca-file secondary-node-eviction-rate secure-port service-account-private-key-file service-cluster-ip-range tls-cert-file tls-private-key-file",
            "unhealthy-zone-threshold use-service-account-credentials v"),
        ["scheduler"] = Words(
            "authentication-kubeconfig authorization-kubeconfig bind-address cert-dir client-ca-file config contention-profiling feature-gates kube-api-burst kube-api-qps kubeconfig leader-elect",
            "leader-elect-lease-duration leader-elect-renew-deadline leader-elect-retry-period pod-max-in-unschedulable-pods-duration profiling secure-port show-hidden-metrics-for-version tls-cert-file",
            "tls-private-key-file v vmodule"),
        ["etcd"] = Words(
            "advertise-client-urls auto-compaction-mode auto-compaction-retention cert-file client-cert-auth data-dir election-timeout heartbeat-interval initial-cluster key-file listen-client-urls",
            "listen-metrics-urls listen-peer-urls log-level max-request-bytes name peer-cert-file peer-key-file peer-trusted-ca-file proxy-refresh-interval quota-backend-bytes snapshot-count trusted-ca-file wal-dir"),
        ["proxy"] = Words(
            "bindAddress bind-address cleanup clusterCIDR cluster-cidr config config-sync-period conntrack-max-per-core conntrack-min conntrack-tcp-timeout-close-wait conntrack-tcp-timeout-established",
            "detect-local-mode feature-gates healthz-bind-address hostname-override iptables-masquerade-bit iptables-min-sync-period iptables-sync-period ipvs-scheduler ipvs-strict-arp ipvs.strictARP",
            "kube-api-burst kube-api-qps kubeconfig masquerade-all metrics-bind-address metricsBindAddress nodeport-addresses nodePortAddresses oom-score-adj profiling proxy-mode v"),
    };

    public static bool Knows(string component, string key) => Known.TryGetValue(component, out var keys) && keys.Contains(key);

    private static HashSet<string> Words(params string[] lines) => [.. lines.SelectMany(l => l.Split(' '))];
}
