namespace Kobune.Node.Settings;

/// <summary>
/// The flags that upstream's components have, for telling what is known and has no effect from what is misspelled. Sources: kubernetes.io's
/// reference pages of kube-apiserver, kube-proxy (several releases, in part) and kube-controller-manager (v1.35), AddKubeletConfigFlags of the kubelet's options, etcd's page "Upgrade from v3.5 to v3.6"
/// (Kubernetes runs 3.5 up to v1.33, then 3.6). Of the kubelet's other flags, the scheduler's and etcd's older ones, some are written from memory.
/// </summary>
internal static class UpstreamFlags
{
    private const string Logging =
        "help log-flush-frequency log-json-info-buffer-size log-json-split-stream log-text-info-buffer-size log-text-split-stream logging-format v version vmodule";

    private const string Metrics = "allow-metric-labels allow-metric-labels-manifest disabled-metrics show-hidden-metrics-for-version";

    private const string Versions = "emulated-version emulation-forward-compatible min-compatibility-version runtime-config-emulation-forward-compatible feature-gates";

    private const string Serving =
        "bind-address cert-dir disable-http2-serving http2-max-streams-per-connection permit-address-sharing permit-port-sharing secure-port tls-cert-file tls-cipher-suites tls-curve-preferences "
        + "tls-min-version tls-private-key-file tls-sni-cert-key contention-profiling profiling debug-socket-path";

    private const string Delegation =
        "authentication-kubeconfig authentication-skip-lookup authentication-token-webhook-cache-ttl authentication-tolerate-lookup-failure authorization-always-allow-paths authorization-kubeconfig "
        + "authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl";

    private const string FrontProxy =
        "client-ca-file requestheader-allowed-names requestheader-client-ca-file requestheader-extra-headers-prefix requestheader-group-headers requestheader-uid-headers requestheader-username-headers";

    private const string Election =
        "leader-elect leader-elect-lease-duration leader-elect-renew-deadline leader-elect-resource-lock leader-elect-resource-name leader-elect-resource-namespace leader-elect-retry-period";

    private const string Client = "kube-api-burst kube-api-content-type kube-api-qps kubeconfig master";

    private static readonly Dictionary<string, HashSet<string>> Known = new(StringComparer.Ordinal)
    {
        ["kubeadm"] = Words(
            "ignore-preflight-errors dry-run kubeconfig kubeconfig-dir node-name cri-socket experimental-upload-certs certificate-key rootfs skip-phases pod-network-cidr"),
        ["kubelet"] = Words(
            Logging,
            "address allowed-unsafe-sysctls anonymous-auth application-metrics-count-limit authentication-token-webhook authentication-token-webhook-cache-ttl authorization-mode",
            "authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl boot-id-file bootstrap-kubeconfig cert-dir cgroup-driver cgroup-root cgroups-per-qos client-ca-file",
            "cloud-config cloud-provider cluster-dns cluster-domain config config-dir container-hints container-log-max-files container-log-max-size container-runtime-endpoint containerd containerd-namespace",
            "contention-profiling cpu-cfs-quota cpu-cfs-quota-period cpu-manager-policy cpu-manager-policy-options cpu-manager-reconcile-period enable-controller-attach-detach enable-debugging-handlers",
            "enable-load-reader enable-server enforce-node-allocatable event-burst event-qps event-storage-age-limit event-storage-event-limit eviction-hard eviction-max-pod-grace-period eviction-minimum-reclaim",
            "eviction-pressure-transition-period eviction-soft eviction-soft-grace-period exit-on-lock-contention experimental-allocatable-ignore-eviction experimental-mounter-path fail-swap-on",
            "feature-gates file-check-frequency global-housekeeping-interval hairpin-mode healthz-bind-address healthz-port hostname-override housekeeping-interval http-check-frequency",
            "image-credential-provider-bin-dir image-credential-provider-config image-gc-high-threshold image-gc-low-threshold image-service-endpoint keep-terminated-pod-volumes kernel-memcg-notification",
            "kube-api-burst kube-api-content-type kube-api-qps kube-reserved kube-reserved-cgroup kubeconfig kubelet-cgroups local-storage-capacity-isolation lock-file log-cadvisor-usage machine-id-file",
            "make-iptables-util-chains manifest-url manifest-url-header max-housekeeping-interval max-open-files max-parallel-image-pulls max-pods maximum-dead-containers maximum-dead-containers-per-container",
            "memory-manager-policy minimum-container-ttl-duration minimum-image-ttl-duration node-ip node-labels node-status-max-images node-status-update-frequency oom-score-adj pod-cidr",
            "pod-infra-container-image pod-manifest-path pod-max-pids pods-per-core port protect-kernel-defaults provider-id qos-reserved read-only-port register-node register-schedulable",
            "register-with-taints registry-burst registry-qps reserved-cpus reserved-memory resolv-conf root-dir rotate-certificates rotate-server-certificates runonce runtime-cgroups",
            "runtime-request-timeout seccomp-default serialize-image-pulls storage-driver-buffer-duration storage-driver-db storage-driver-host storage-driver-password storage-driver-secure",
            "storage-driver-table storage-driver-user streaming-connection-idle-timeout sync-frequency system-cgroups system-reserved system-reserved-cgroup tls-cert-file tls-cipher-suites",
            "tls-curve-preferences tls-min-version tls-private-key-file topology-manager-policy topology-manager-policy-options topology-manager-scope volume-plugin-dir volume-stats-agg-period"),
        ["apiserver"] = Words(
            Logging, Metrics, Versions, Serving, FrontProxy,
            "admission-control-config-file advertise-address aggregator-reject-forwarding-redirect allow-privileged anonymous-auth api-audiences apiserver-count audit-log-batch-buffer-size",
            "audit-log-batch-max-size audit-log-batch-max-wait audit-log-batch-throttle-burst audit-log-batch-throttle-enable audit-log-batch-throttle-qps audit-log-compress audit-log-format",
            "audit-log-maxage audit-log-maxbackup audit-log-maxsize audit-log-mode audit-log-path audit-log-truncate-enabled audit-log-truncate-max-batch-size audit-log-truncate-max-event-size",
            "audit-log-version audit-policy-file audit-webhook-batch-buffer-size audit-webhook-batch-max-size audit-webhook-batch-max-wait audit-webhook-batch-throttle-burst",
            "audit-webhook-batch-throttle-enable audit-webhook-batch-throttle-qps audit-webhook-config-file audit-webhook-initial-backoff audit-webhook-mode audit-webhook-truncate-enabled",
            "audit-webhook-truncate-max-batch-size audit-webhook-truncate-max-event-size audit-webhook-version authentication-config authentication-token-webhook-cache-ttl",
            "authentication-token-webhook-config-file authentication-token-webhook-version authorization-config authorization-mode authorization-policy-file",
            "authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl authorization-webhook-config-file authorization-webhook-version cloud-config cloud-provider",
            "cloud-provider-gce-l7lb-src-cidrs coordinated-leadership-lease-duration coordinated-leadership-renew-deadline coordinated-leadership-retry-period cors-allowed-origins",
            "default-not-ready-toleration-seconds default-unreachable-toleration-seconds default-watch-cache-size delete-collection-workers disable-admission-plugins egress-selector-config-file",
            "enable-admission-plugins enable-aggregator-routing enable-bootstrap-token-auth enable-garbage-collector enable-logs-handler enable-priority-and-fairness encryption-provider-config",
            "encryption-provider-config-automatic-reload endpoint-reconciler-type etcd-cafile etcd-certfile etcd-compaction-interval etcd-count-metric-poll-period etcd-db-metric-poll-interval",
            "etcd-healthcheck-timeout etcd-keyfile etcd-prefix etcd-readycheck-timeout etcd-servers etcd-servers-overrides event-ttl external-hostname goaway-chance kubelet-certificate-authority",
            "kubelet-client-certificate kubelet-client-key kubelet-port kubelet-preferred-address-types kubelet-read-only-port kubelet-timeout kubernetes-service-node-port lease-reuse-duration-seconds",
            "livez-grace-period max-connection-bytes-per-sec max-mutating-requests-inflight max-requests-inflight min-request-timeout oidc-ca-file oidc-client-id oidc-groups-claim oidc-groups-prefix",
            "oidc-issuer-url oidc-required-claim oidc-signing-algs oidc-username-claim oidc-username-prefix peer-advertise-ip peer-advertise-port peer-ca-file proxy-client-cert-file",
            "proxy-client-key-file request-timeout runtime-config service-account-extend-token-expiration service-account-issuer service-account-jwks-uri service-account-key-file",
            "service-account-lookup service-account-max-token-expiration service-account-signing-endpoint service-account-signing-key-file service-cluster-ip-range service-node-port-range",
            "shutdown-delay-duration shutdown-send-retry-after shutdown-watch-termination-grace-period storage-backend storage-initialization-timeout storage-media-type",
            "strict-transport-security-directives token-auth-file tracing-config-file watch-cache watch-cache-sizes"),
        ["controller-manager"] = Words(
            Logging, Metrics, Versions, Serving, FrontProxy, Delegation, Election, Client,
            "allocate-node-cidrs allow-untagged-cloud attach-detach-reconcile-sync-period cidr-allocator-type cloud-config cloud-provider cluster-cidr cluster-name cluster-signing-cert-file",
            "cluster-signing-duration cluster-signing-key-file cluster-signing-kube-apiserver-client-cert-file cluster-signing-kube-apiserver-client-key-file cluster-signing-kubelet-client-cert-file",
            "cluster-signing-kubelet-client-key-file cluster-signing-kubelet-serving-cert-file cluster-signing-kubelet-serving-key-file cluster-signing-legacy-unknown-cert-file",
            "cluster-signing-legacy-unknown-key-file concurrent-cron-job-syncs concurrent-daemonset-syncs concurrent-deployment-syncs concurrent-device-taint-eviction-syncs concurrent-endpoint-syncs",
            "concurrent-ephemeralvolume-syncs concurrent-gc-syncs concurrent-horizontal-pod-autoscaler-syncs concurrent-job-syncs concurrent-namespace-syncs concurrent-rc-syncs",
            "concurrent-replicaset-syncs concurrent-resource-claim-syncs concurrent-resource-quota-syncs concurrent-service-endpoint-syncs concurrent-service-syncs concurrent-serviceaccount-token-syncs",
            "concurrent-statefulset-syncs concurrent-ttl-after-finished-syncs concurrent-validating-admission-policy-status-syncs configure-cloud-routes controller-shutdown-timeout",
            "controller-start-interval controllers disable-attach-detach-reconcile-sync disable-force-detach-on-timeout enable-dynamic-provisioning enable-garbage-collector enable-hostpath-provisioner",
            "enable-leader-migration endpoint-updates-batch-period endpointslice-updates-batch-period external-cloud-volume-plugin flex-volume-plugin-dir",
            "horizontal-pod-autoscaler-cpu-initialization-period horizontal-pod-autoscaler-downscale-stabilization horizontal-pod-autoscaler-initial-readiness-delay",
            "horizontal-pod-autoscaler-sync-period horizontal-pod-autoscaler-tolerance large-cluster-size-threshold leader-migration-config legacy-service-account-token-clean-up-period",
            "max-endpoints-per-slice min-resync-period mirroring-concurrent-service-endpoint-syncs mirroring-endpointslice-updates-batch-period mirroring-max-endpoints-per-subset namespace-sync-period",
            "node-cidr-mask-size node-cidr-mask-size-ipv4 node-cidr-mask-size-ipv6 node-monitor-grace-period node-monitor-period node-startup-grace-period node-sync-period",
            "pod-eviction-timeout pv-recycler-increment-timeout-nfs pv-recycler-minimum-timeout-hostpath pv-recycler-minimum-timeout-nfs pv-recycler-pod-template-filepath-hostpath",
            "pv-recycler-pod-template-filepath-nfs pv-recycler-timeout-increment-hostpath pvclaimbinder-sync-period resource-quota-sync-period root-ca-file route-reconciliation-period",
            "service-account-private-key-file service-cluster-ip-range terminated-pod-gc-threshold unhealthy-zone-threshold use-service-account-credentials"),
        ["scheduler"] = Words(
            Logging, Metrics, Versions, Serving, FrontProxy, Delegation, Election, Client,
            "config pod-max-in-unschedulable-pods-duration write-config-to"),
        ["etcd"] = Words(
            "advertise-client-urls auth-token auth-token-ttl auto-compaction-mode auto-compaction-retention auto-tls backend-batch-interval backend-batch-limit backend-bbolt-freelist-type bcrypt-cost",
            "bootstrap-defrag-threshold-megabytes cert-file cipher-suites client-cert-allowed-hostname client-cert-auth client-cert-file client-crl-file client-key-file",
            "compact-hash-check-time compaction-batch-limit compaction-sleep-interval config-file corrupt-check-time cors data-dir debug discovery discovery-cacert discovery-cert discovery-dial-timeout",
            "discovery-endpoints discovery-fallback discovery-insecure-skip-tls-verify discovery-insecure-transport discovery-key discovery-keepalive-time discovery-keepalive-timeout discovery-password",
            "discovery-proxy discovery-request-timeout discovery-srv discovery-srv-name discovery-token discovery-user distributed-tracing-address distributed-tracing-instance-id",
            "distributed-tracing-sampling-rate distributed-tracing-service-name downgrade-check-time election-timeout enable-distributed-tracing enable-grpc-gateway enable-log-rotation enable-pprof enable-v2",
            "experimental-bootstrap-defrag-threshold-megabytes experimental-compact-hash-check-enabled experimental-compact-hash-check-time experimental-compaction-batch-limit",
            "experimental-compaction-sleep-interval experimental-corrupt-check-time experimental-distributed-tracing-address experimental-distributed-tracing-instance-id",
            "experimental-distributed-tracing-sampling-rate experimental-distributed-tracing-service-name experimental-downgrade-check-time experimental-enable-distributed-tracing",
            "experimental-enable-lease-checkpoint experimental-enable-lease-checkpoint-persist experimental-enable-v2v3 experimental-initial-corrupt-check experimental-max-learners experimental-memory-mlock",
            "experimental-peer-skip-client-san-verification experimental-snapshot-catchup-entries experimental-stop-grpc-service-on-defrag experimental-txn-mode-write-with-shared-buffer",
            "experimental-warning-apply-duration experimental-warning-unary-request-duration experimental-watch-progress-notify-interval",
            "feature-gates force-new-cluster grpc-keepalive-interval grpc-keepalive-min-time grpc-keepalive-timeout",
            "heartbeat-interval host-whitelist initial-advertise-peer-urls initial-cluster initial-cluster-state initial-cluster-token initial-election-tick-advance key-file",
            "listen-client-http-urls listen-client-urls listen-metrics-urls listen-peer-urls local-address log-format log-level log-outputs log-rotation-config-json logger max-concurrent-streams",
            "max-learners max-request-bytes max-snapshots max-txn-ops max-wals memory-mlock metrics name peer-auto-tls peer-cert-allowed-cn peer-cert-allowed-hostname peer-cert-file peer-client-cert-auth",
            "peer-client-cert-file peer-client-key-file peer-crl-file peer-key-file peer-skip-client-san-verification peer-trusted-ca-file pre-vote proxy proxy-dial-timeout proxy-failure-wait proxy-read-timeout proxy-refresh-interval proxy-write-timeout quota-backend-bytes",
            "raft-read-timeout raft-write-timeout self-signed-cert-validity snapshot-catchup-entries snapshot-count socket-reuse-address socket-reuse-port strict-reconfig-check tls-max-version",
            "tls-min-version trusted-ca-file unsafe-no-fsync v2-deprecation wal-dir warning-apply-duration warning-unary-request-duration watch-progress-notify-interval"),
        ["proxy"] = Words(
            Logging, Client, Metrics,
            "bind-address bind-address-hard-fail boot-id-file cleanup cluster-cidr config config-sync-period conntrack-max-per-core conntrack-min conntrack-tcp-be-liberal",
            "conntrack-tcp-timeout-close-wait conntrack-tcp-timeout-established conntrack-udp-timeout conntrack-udp-timeout-stream detect-local-mode feature-gates healthz-bind-address hostname-override",
            "init-only iptables-localhost-nodeports iptables-masquerade-bit iptables-min-sync-period iptables-sync-period ipvs-exclude-cidrs ipvs-min-sync-period ipvs-scheduler ipvs-strict-arp",
            "ipvs-sync-period ipvs-tcp-timeout ipvs-tcpfin-timeout ipvs-udp-timeout machine-id-file masquerade-all metrics-bind-address nodeport-addresses oom-score-adj",
            "pod-bridge-interface pod-interface-name-prefix profiling proxy-mode proxy-port-range udp-timeout write-config-to",
            // the fields of KubeProxyConfiguration, which is what minikube writes these settings into
            "bindAddress bindAddressHardFail clientConnection clusterCIDR configSyncPeriod conntrack detectLocal detectLocalMode enableProfiling featureGates healthzBindAddress hostnameOverride iptables",
            "ipvs ipvs.scheduler ipvs.strictARP logging metricsBindAddress mode nftables nodePortAddresses oomScoreAdj portRange showHiddenMetricsForVersion windowsRunAsService winkernel"),
    };

    public static bool Knows(string component, string key) => Known.TryGetValue(component, out var keys) && keys.Contains(key);

    private static HashSet<string> Words(params string[] lines) => [.. lines.SelectMany(l => l.Split(' '))];
}
