using System.Collections;
using System.Net;
using System.Reflection;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.ApiServer;
using Kobune.ApiServer.Audit;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization;
using Kobune.ControllerManager;
using Kobune.Kubelet;
using Kobune.Node.Settings;
using Kobune.Proxy;
using Kobune.Scheduler;
using Kobune.Storage.Memory;

namespace Kobune.Node.Tests.Settings;

public class ComponentSettingsTests
{
    /// <summary>Every setting with an effect: a value, and the option that has another value for it.</summary>
    public static TheoryData<string, string> Applied => new()
    {
        { "apiserver.anonymous-auth=false", "Security.AllowAnonymous=False" },
        { "apiserver.api-audiences=a,b", "Security.Audiences=[a b]" },
        { "apiserver.audit-log-batch-buffer-size=9", "AuditLogMode.BufferSize=9" },
        { "apiserver.audit-log-batch-max-size=9", "AuditLogMode.BatchSize=9" },
        { "apiserver.audit-log-batch-max-wait=9s", "AuditLogMode.MaxWait=00:00:09" },
        { "apiserver.audit-log-batch-throttle-burst=9", "AuditLogMode.Burst=9" },
        { "apiserver.audit-log-batch-throttle-enable=true", "AuditLogMode.Throttles=True" },
        { "apiserver.audit-log-batch-throttle-qps=2.5", "AuditLogMode.Rate=2.5" },
        { "apiserver.audit-log-compress=true", "AuditLog.Compress=True" },
        { "apiserver.audit-log-format=legacy", "AuditLog.IsLegacy=True" },
        { "apiserver.audit-log-maxage=9", "AuditLog.MaxAge=9" },
        { "apiserver.audit-log-maxbackup=9", "AuditLog.MaxBackups=9" },
        { "apiserver.audit-log-maxsize=9", "AuditLog.MaxSize=9" },
        { "apiserver.audit-log-mode=blocking-strict", "AuditLogMode.Mode=blocking-strict" },
        { "apiserver.audit-log-path=/var/log/audit.log", "AuditLog.Path=/var/log/audit.log" },
        { "apiserver.audit-log-truncate-enabled=true", "AuditLogMode.Truncates=True" },
        { "apiserver.audit-log-truncate-max-batch-size=9", "AuditLogMode.MaxBatchSize=9" },
        { "apiserver.audit-log-truncate-max-event-size=9", "AuditLogMode.MaxEventSize=9" },
        { "apiserver.audit-policy-file=/etc/audit.yaml", "Audit.PolicyFile=/etc/audit.yaml" },
        { "apiserver.audit-webhook-batch-buffer-size=9", "AuditWebhookMode.BufferSize=9" },
        { "apiserver.audit-webhook-batch-max-size=9", "AuditWebhookMode.BatchSize=9" },
        { "apiserver.audit-webhook-batch-max-wait=9s", "AuditWebhookMode.MaxWait=00:00:09" },
        { "apiserver.audit-webhook-batch-throttle-burst=9", "AuditWebhookMode.Burst=9" },
        { "apiserver.audit-webhook-batch-throttle-enable=false", "AuditWebhookMode.Throttles=False" },
        { "apiserver.audit-webhook-batch-throttle-qps=2.5", "AuditWebhookMode.Rate=2.5" },
        { "apiserver.audit-webhook-config-file=/etc/hook", "AuditWebhook.ConfigFile=/etc/hook" },
        { "apiserver.audit-webhook-initial-backoff=9s", "AuditWebhook.InitialBackoff=00:00:09" },
        { "apiserver.audit-webhook-mode=blocking-strict", "AuditWebhookMode.Mode=blocking-strict" },
        { "apiserver.audit-webhook-truncate-enabled=true", "AuditWebhookMode.Truncates=True" },
        { "apiserver.audit-webhook-truncate-max-batch-size=9", "AuditWebhookMode.MaxBatchSize=9" },
        { "apiserver.audit-webhook-truncate-max-event-size=9", "AuditWebhookMode.MaxEventSize=9" },
        { "apiserver.admission-control-config-file=/etc/admission.yaml", "Admission.ConfigFile=/etc/admission.yaml" },
        { "apiserver.authentication-token-webhook-cache-ttl=9s", "TokenWebhook.CacheTime=00:00:09" },
        { "apiserver.authentication-token-webhook-config-file=/etc/hook", "TokenWebhook.ConfigFile=/etc/hook" },
        { "apiserver.authentication-token-webhook-version=v1", "TokenWebhook.Version=v1" },
        { "apiserver.authentication-config=/etc/authn.yaml", "Security.AuthenticationConfig=/etc/authn.yaml" },
        { "apiserver.authorization-config=/etc/authz.yaml", "Security.AuthorizationConfig=/etc/authz.yaml" },
        { "apiserver.authorization-mode=Node,Webhook,AlwaysAllow", "Security.AuthorizationModes=[Node Webhook AlwaysAllow]" },
        { "apiserver.authorization-webhook-cache-authorized-ttl=9s", "AuthorizationWebhook.CacheTime=00:00:09" },
        { "apiserver.authorization-webhook-cache-unauthorized-ttl=9s", "AuthorizationWebhook.RefusalCacheTime=00:00:09" },
        { "apiserver.authorization-webhook-config-file=/etc/hook", "AuthorizationWebhook.ConfigFile=/etc/hook" },
        { "apiserver.authorization-webhook-version=v1", "AuthorizationWebhook.Version=v1" },
        { "apiserver.default-not-ready-toleration-seconds=30", "Admission.NotReadySeconds=30" },
        { "apiserver.default-unreachable-toleration-seconds=31", "Admission.UnreachableSeconds=31" },
        { "apiserver.disable-admission-plugins=LimitRanger", "Admission.Disabled=[LimitRanger]" },
        { "apiserver.enable-admission-plugins=AlwaysPullImages,PodSecurity", "Admission.Enabled=[AlwaysPullImages PodSecurity]" },
        { "apiserver.enable-bootstrap-token-auth=false", "Security.AllowBootstrapTokens=False" },
        { "apiserver.enable-priority-and-fairness=false", "Server.EnablesFairness=False" },
        { "apiserver.event-ttl=2h", "Server.EventTimeToLive=02:00:00" },
        { "apiserver.feature-gates=WatchList=false", "Features.apiserver=WatchList=false" },
        { "apiserver.max-mutating-requests-inflight=7", "Server.MaxWritesInFlight=7" },
        { "apiserver.max-requests-inflight=8", "Server.MaxReadsInFlight=8" },
        { "apiserver.min-request-timeout=60", "Server.MinRequestTimeout=00:01:00" },
        { "apiserver.oidc-ca-file=/etc/ca.crt", "OpenId.AuthorityFile=/etc/ca.crt" },
        { "apiserver.oidc-client-id=me", "OpenId.ClientId=me" },
        { "apiserver.oidc-groups-claim=roles", "OpenId.GroupsClaim=roles" },
        { "apiserver.oidc-groups-prefix=oidc:", "OpenId.GroupsPrefix=oidc:" },
        { "apiserver.oidc-issuer-url=https://issuer.example", "OpenId.IssuerUrl=https://issuer.example" },
        { "apiserver.oidc-required-claim=hd=example.com,a=b", "OpenId.RequiredClaims=[[hd, example.com] [a, b]]" },
        { "apiserver.oidc-signing-algs=ES256,PS512", "OpenId.SigningAlgorithms=[ES256 PS512]" },
        { "apiserver.oidc-username-claim=email", "OpenId.UsernameClaim=email" },
        { "apiserver.oidc-username-prefix=-", "OpenId.UsernamePrefix=-" },
        { "apiserver.runtime-config=api/beta=true", "Server.RuntimeConfig=api/beta=true" },
        { "apiserver.service-account-extend-token-expiration=false", "Security.ExtendsTokenExpiration=False" },
        { "apiserver.service-account-issuer=https://issuer.example", "Security.Issuer=https://issuer.example" },
        { "apiserver.service-account-max-token-expiration=24h", "Security.MaxTokenExpiration=1.00:00:00" },
        { "apiserver.service-node-port-range=31000-31010", "Settings.NodePorts=(31000, 31010)" },
        { "apiserver.token-auth-file=/etc/tokens.csv", "Security.TokenFile=what /etc/tokens.csv says" },
        { "controller-manager.allocate-node-cidrs=false", "Controllers.AllocateNodeCidrs=False" },
        { "controller-manager.cluster-signing-duration=24h", "Controllers.ClusterSigningDuration=1.00:00:00" },
        { "controller-manager.concurrent-cron-job-syncs=9", "Controllers.Workers=[[cronjob, 9]]" },
        { "controller-manager.concurrent-horizontal-pod-autoscaler-syncs=9", "Controllers.Workers=[[horizontalpodautoscaling, 9]]" },
        { "controller-manager.concurrent-job-syncs=9", "Controllers.Workers=[[job, 9]]" },
        { "controller-manager.concurrent-ttl-after-finished-syncs=9", "Controllers.Workers=[[ttl-after-finished, 9]]" },
        { "controller-manager.concurrent-deployment-syncs=9", "Controllers.Workers=[[deployment, 9]]" },
        { "controller-manager.concurrent-endpoint-syncs=9", "Controllers.Workers=[[endpoints, 9]]" },
        { "controller-manager.concurrent-namespace-syncs=9", "Controllers.Workers=[[namespace, 9]]" },
        { "controller-manager.concurrent-replicaset-syncs=9", "Controllers.Workers=[[replicaset, 9]]" },
        { "controller-manager.concurrent-daemonset-syncs=4", "Controllers.Workers=[[daemonset, 4]]" },
        { "controller-manager.concurrent-statefulset-syncs=3", "Controllers.Workers=[[statefulset, 3]]" },
        { "controller-manager.concurrent-service-endpoint-syncs=9", "Controllers.Workers=[[endpointslice, 9]]" },
        { "controller-manager.bind-address=0.0.0.0", "Port.controller-manager=0.0.0.0:1" },
        { "controller-manager.controllers=*,-nodeipam", "Controllers.Disabled=[node-ipam-controller]" },
        { "controller-manager.disable-force-detach-on-timeout=true", "Controllers.ForceDetachOnTimeout=False" },
        { "controller-manager.feature-gates=PodDeletionCost=false", "Features.controller-manager=PodDeletionCost=false" },
        { "controller-manager.large-cluster-size-threshold=5", "Controllers.LargeClusterSizeThreshold=5" },
        { "controller-manager.node-cidr-mask-size=25", "Controllers.NodeCidrMaskSize=25" },
        { "controller-manager.node-cidr-mask-size-ipv4=26", "Controllers.NodeCidrMaskSize=26" },
        { "controller-manager.node-monitor-grace-period=1m30s", "Controllers.NodeMonitorGracePeriod=00:01:30" },
        { "controller-manager.horizontal-pod-autoscaler-cpu-initialization-period=1m", "Controllers.AutoscalerCpuInitialization=00:01:00" },
        { "controller-manager.horizontal-pod-autoscaler-downscale-stabilization=1m", "Controllers.AutoscalerDownscaleStabilization=00:01:00" },
        { "controller-manager.horizontal-pod-autoscaler-initial-readiness-delay=1m", "Controllers.AutoscalerInitialReadiness=00:01:00" },
        { "controller-manager.horizontal-pod-autoscaler-sync-period=10s", "Controllers.AutoscalerSyncPeriod=00:00:10" },
        { "controller-manager.horizontal-pod-autoscaler-tolerance=0.2", "Controllers.AutoscalerTolerance=0.2" },
        { "controller-manager.legacy-service-account-token-clean-up-period=48h", "Controllers.LegacyTokenCleanUpPeriod=2.00:00:00" },
        { "controller-manager.node-startup-grace-period=2m", "Controllers.NodeStartupGracePeriod=00:02:00" },
        { "controller-manager.secure-port=0", "Port.controller-manager=" },
        { "controller-manager.terminated-pod-gc-threshold=10", "Controllers.TerminatedPodGcThreshold=10" },
        { "controller-manager.node-eviction-rate=2.5", "Controllers.NodeEvictionRate=2.5" },
        { "controller-manager.secondary-node-eviction-rate=0", "Controllers.SecondaryNodeEvictionRate=0" },
        { "controller-manager.unhealthy-zone-threshold=0.75", "Controllers.UnhealthyZoneThreshold=0.75" },
        { "kubelet.address=127.0.0.1", "Kubelet.ListenAddress=127.0.0.1" },
        { "kubelet.allowed-unsafe-sysctls=net.core.*,kernel.msgmax", "Kubelet.AllowedUnsafeSysctls=[net.core.* kernel.msgmax]" },
        { "kubelet.cluster-dns=10.0.0.1,10.0.0.2", "Kubelet.ClusterDns=[10.0.0.1 10.0.0.2]" },
        { "kubelet.cluster-domain=cluster.example", "Kubelet.ClusterDomain=cluster.example" },
        { "kubelet.container-log-max-files=3", "Kubelet.ContainerLogMaxFiles=3" },
        { "kubelet.container-log-max-size=5Mi", "Kubelet.ContainerLogMaxSize=5242880" },
        { "kubelet.cpu-cfs-quota=false", "Kubelet.CpuQuota=False" },
        { "kubelet.feature-gates=ReduceDefaultCrashLoopBackOffDecay=true", "Features.kubelet=ReduceDefaultCrashLoopBackOffDecay=true" },
        { "kubelet.kube-reserved=cpu=50m", "Kubelet.SystemReserved=[[cpu, 50m]]" },
        { "kubelet.max-parallel-image-pulls=2", "Kubelet.MaxParallelImagePulls=2" },
        { "kubelet.max-pods=20", "Kubelet.MaxPods=20" },
        { "kubelet.node-labels=tier=web", "Kubelet.NodeLabels=[[tier, web]]" },
        { "kubelet.node-status-update-frequency=4s", "Kubelet.NodeStatusPeriod=00:00:04" },
        { "kubelet.pod-manifest-path=/etc/pods", "Kubelet.StaticPodPath=/etc/pods" },
        { "kubelet.pods-per-core=3", "Kubelet.PodsPerCore=3" },
        { "kubelet.register-with-taints=dedicated=db:NoSchedule", "Kubelet.RegisterWithTaints=[dedicated=db:NoSchedule]" },
        { "kubelet.resolv-conf=/run/resolv.conf", "Kubelet.ResolvConfPath=/run/resolv.conf" },
        { "kubelet.seccomp-default=true", "Kubelet.SeccompDefault=True" },
        { "kubelet.serialize-image-pulls=false", "Kubelet.MaxParallelImagePulls=0" },
        { "kubelet.system-reserved=memory=64Mi", "Kubelet.SystemReserved=[[memory, 64Mi]]" },
        { "proxy.cluster-cidr=10.1.0.0/16", "Proxy.ClusterCIDRs=[10.1.0.0/16]" },
        { "proxy.clusterCIDR=10.1.0.0/16", "Proxy.ClusterCIDRs=[10.1.0.0/16]" },
        { "proxy.healthz-bind-address=0.0.0.0:11256", "Proxy.HealthPort=11256" },
        { "proxy.healthzBindAddress=11256", "Proxy.HealthPort=11256" },
        { "proxy.iptables-localhost-nodeports=false", "Proxy.LocalhostNodePorts=False" },
        { "proxy.metrics-bind-address=127.0.0.1:11249", "Proxy.MetricsPort=11249" },
        { "proxy.metricsBindAddress=127.0.0.1:11249", "Proxy.MetricsPort=11249" },
        { "proxy.mode=userspace", "Proxy.Mode=Userspace" },
        { "proxy.nodePortAddresses=[192.168.0.0/16]", "Proxy.NodePortAddresses=[192.168.0.0/16]" },
        { "proxy.nodeport-addresses=primary", "Proxy.NodePortAddresses=[primary]" },
        { "proxy.proxy-mode=userspace", "Proxy.Mode=Userspace" },
        { "scheduler.bind-address=::1", "Port.scheduler=[::1]:1" },
        { "scheduler.config=/etc/kubernetes/scheduler.yaml", "Scheduler.PercentageOfNodesToScore=30" },
        { "scheduler.leader-elect=true", "Scheduler.LeaderElect=True" },
        { "scheduler.pod-max-in-unschedulable-pods-duration=1m", "Scheduler.PodMaxInUnschedulablePodsDuration=00:01:00" },
        { "scheduler.secure-port=20259", "Port.scheduler=127.0.0.1:20259" },
    };

    [Theory, MemberData(nameof(Applied))]
    public void A_setting_changes_one_option(string text, string changed)
    {
        Assert.Equal(SettingEffect.Applied, ExtraConfig.Parse(text)!.Effect);
        Assert.Null(ExtraConfig.Parse(text)!.Problem);
        Assert.Equal([changed], All([text]).Except(All([])));
    }

    [Fact]
    public void No_setting_is_left_out_above() => // the pods' ranges are the command line's to apply: ClusterRangesTests
        Assert.Equal(AppliedSettings.Checks.Keys.Where(k => k != "kubeadm.pod-network-cidr").Order(StringComparer.Ordinal), Applied.Select(a => a.Data.Item1[..a.Data.Item1.IndexOf('=', StringComparison.Ordinal)]).Order(StringComparer.Ordinal));

    [Fact]
    public void The_last_value_counts_and_reservations_add_up()
    {
        var kubelet = new ComponentSettings(["kubelet.max-pods=20", "kubelet.max-pods=21", "kubelet.system-reserved=cpu=100m,memory=64Mi", "kubelet.kube-reserved=cpu=50m"]).Kubelet(new() { NodeName = "n", NodeIP = "10.0.0.1" });
        Assert.Equal(21, kubelet.MaxPods);
        Assert.Equal(("150m", "64Mi"), (kubelet.SystemReserved["cpu"], kubelet.SystemReserved["memory"]));
    }

    [Fact]
    public void Controllers_are_named_as_upstream_names_them()
    {
        Assert.Empty(Disabled("*"));
        Assert.Equal(["replicaset-controller", "pod-garbage-collector-controller", "selinux-warning-controller"], Disabled("*,-replicaset,-podgc,-selinux-warning,-storage-version-gc"));
        Assert.Equal(["selinux-warning-controller"], new ComponentSettings(["controller-manager.controllers=*,selinux-warning,-podgc"]).Controllers(new()).Enabled);
        Assert.Equal(ControllerManagerComponent.Controllers.Count - 2, Disabled("namespace,deployment-controller").Count);
        Assert.NotNull(ExtraConfig.Parse("controller-manager.controllers=*,-nosuch")!.Problem);

        static IReadOnlySet<string> Disabled(string text) => new ComponentSettings(["controller-manager.controllers=" + text]).Controllers(new()).Disabled;
    }

    [Fact]
    public void Features_of_a_component_go_over_those_of_all()
    {
        var settings = new ComponentSettings(["kubelet.feature-gates=WatchList=true"]);
        Assert.True(settings.Features("kubelet", KubernetesVersion.Newest, "WatchList=false").IsEnabled("WatchList"));
        Assert.False(settings.Features("apiserver", KubernetesVersion.Newest, "WatchList=false").IsEnabled("WatchList"));
    }

    [Theory]
    [InlineData("WatchList", true)]
    [InlineData("HostnameOverride", true)] // a field's
    [InlineData("ClusterTrustBundle", true)] // a kind's
    [InlineData("AllBeta", true)]
    [InlineData("NodeLogQuery", false)]
    [InlineData("ShardedListAndWatch", false)]
    public void Gates_without_an_effect_are_known_as_such(string gate, bool hasEffect) => Assert.Equal(hasEffect, FeatureEffects.Has(gate));

    [Fact]
    public void Gates_that_code_asks_for_exist()
    {
        var known = Enumerable.Range(30, 7).SelectMany(m => FeatureCatalog.Of(m).Gates).Select(g => g.Name).Append("AllAlpha").Append("AllBeta").ToHashSet();
        Assert.DoesNotContain(FeatureEffects.AskedFor, g => !known.Contains(g));
    }

    [Theory]
    [InlineData("kubelet.event-qps=5", SettingEffect.None)]
    [InlineData("apiserver.goaway-chance=0.01", SettingEffect.None)]
    [InlineData("etcd.quota-backend-bytes=1", SettingEffect.None)]
    [InlineData("kubeadm.ignore-preflight-errors=all", SettingEffect.None)]
    [InlineData("kubelet.no-such-flag=1", SettingEffect.Unknown)]
    [InlineData("toaster.max-pods=1", SettingEffect.Unknown)]
    public void Another_setting_is_told_or_refused(string text, SettingEffect effect) => Assert.Equal(effect, ExtraConfig.Parse(text)!.Effect);

    [Theory]
    [InlineData("kubelet.max-pods=0")]
    [InlineData("kubelet.register-with-taints=a=b:Sometimes")]
    [InlineData("kubelet.system-reserved=cpu=much")]
    [InlineData("kubelet.cluster-dns=nowhere")]
    [InlineData("kubelet.seccomp-default=perhaps")]
    [InlineData("apiserver.service-node-port-range=5-4")]
    [InlineData("apiserver.authentication-token-webhook-version=v2")]
    [InlineData("apiserver.authorization-mode=RBAC,ABAC")]
    [InlineData("apiserver.enable-admission-plugins=NoSuchPlugin")]
    [InlineData("apiserver.oidc-issuer-url=http://issuer.example")]
    [InlineData("apiserver.oidc-signing-algs=HS256")]
    [InlineData("apiserver.runtime-config=batch/v9=true")]
    [InlineData("apiserver.service-account-max-token-expiration=1m")]
    [InlineData("apiserver.token-auth-file=tokens.csv")]
    [InlineData("controller-manager.node-monitor-grace-period=soon")]
    [InlineData("controller-manager.unhealthy-zone-threshold=2")]
    [InlineData("proxy.mode=pigeon")]
    [InlineData("scheduler.bind-address=nowhere")]
    [InlineData("scheduler.secure-port=65536")]
    [InlineData("proxy.nodeport-addresses=everywhere")]
    public void A_value_that_cannot_be_has_a_problem(string text) => Assert.NotNull(ExtraConfig.Parse(text)!.Problem);

    [Fact]
    public void A_wrong_configuration_file_of_the_scheduler_is_named()
    {
        var settings = new ComponentSettings(["scheduler.config=/s.yaml"]);
        Assert.Equal("/s.yaml: strict decoding error: unknown field \"profils\"", Assert.Throws<FormatException>(() => settings.Scheduler(new(), _ => SchedulerFile + "\nprofils: []")).Message);
        Assert.Equal("packer", settings.Scheduler(new(), _ => SchedulerFile + "\nprofiles:\n- schedulerName: packer").Profiles.Single().SchedulerName);
        Assert.Equal("/s.yaml: the file does not hold an object", Assert.Throws<FormatException>(() => settings.Scheduler(new(), _ => "- a")).Message);
    }

    [Fact]
    public void A_file_of_issuers_goes_without_flags_for_a_provider() =>
        Assert.Equal(
            "authentication-config file and oidc-* flags are mutually exclusive",
            Assert.Throws<FormatException>(() => new ComponentSettings(["apiserver.authentication-config=/a.yaml", "apiserver.oidc-username-claim=sub"]).Security(new(), _ => "")).Message);

    [Fact]
    public void A_file_of_authorizers_goes_without_flags_for_them() =>
        Assert.StartsWith(
            "--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are specified",
            Assert.Throws<FormatException>(() => new ComponentSettings(["apiserver.authorization-config=/a.yaml", "apiserver.authorization-mode=RBAC"]).Security(new(), _ => "")).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("max-pods=20")]
    [InlineData("kubelet.max-pods")]
    [InlineData(".x=1")]
    public void Another_form_is_no_setting(string text) => Assert.Null(ExtraConfig.Parse(text));

    [Fact]
    public void Plugins_that_only_upstream_has_are_named() =>
        Assert.Equal(["ImagePolicyWebhook"], new ComponentSettings(["apiserver.enable-admission-plugins=NamespaceLifecycle,ImagePolicyWebhook,AlwaysPullImages"]).AbsentPlugins);

    /// <summary>Every option of every component as text, "Kubelet.MaxPods=110".</summary>
    private static IEnumerable<string> All(string[] texts)
    {
        var settings = new ComponentSettings(texts);
        var security = settings.Security(new(), path => $"what {path} says");
        var server = settings.Server(new() { Store = Store, Authenticator = Authenticator, Authorizer = Authorizer, RuntimeConfig = RuntimeConfig.Default });
        IEnumerable<string> options =
        [
            .. Read("Security", security, nameof(ServerSecurityOptions.Admission), nameof(ServerSecurityOptions.OpenId), nameof(ServerSecurityOptions.TokenWebhook), nameof(ServerSecurityOptions.AuthorizationWebhook)),
            .. Read("AuthorizationWebhook", security.AuthorizationWebhook),
            .. Read("OpenId", security.OpenId),
            .. Read("TokenWebhook", security.TokenWebhook),
            .. Read("Admission", security.Admission),
            .. Read("Server", server, nameof(ApiServerOptions.Schema), nameof(ApiServerOptions.Objects), nameof(ApiServerOptions.Admission), nameof(ApiServerOptions.Audit)),
            .. Read("Audit", server.Audit, nameof(AuditOptions.Policy), nameof(AuditOptions.Log), nameof(AuditOptions.Webhook)),
            .. Read("AuditLog", server.Audit.Log, nameof(AuditLogOptions.Mode)),
            .. Read("AuditLogMode", server.Audit.Log.Mode),
            .. Read("AuditWebhook", server.Audit.Webhook, nameof(AuditWebhookOptions.Mode)),
            .. Read("AuditWebhookMode", server.Audit.Webhook.Mode),
            .. Read("Controllers", settings.Controllers(new())),
            .. Read("Scheduler", settings.Scheduler(new(), _ => SchedulerFile)),
            .. Read("Kubelet", settings.Kubelet(new() { NodeName = "n", NodeIP = "10.0.0.1" }), nameof(KubeletOptions.BeforePull)),
            .. Read("Proxy", settings.Proxy(new() { NodeName = "n" })),
            $"Settings.NodePorts={settings.NodePorts}",
            .. new[] { "controller-manager", "scheduler" }.Select(c => $"Port.{c}={settings.Served(c, new(IPAddress.Loopback, 1))}"),
            .. new[] { "apiserver", "controller-manager", "kubelet" }.Select(c => $"Features.{c}={settings.Features(c, KubernetesVersion.Newest, "").Text}"),
        ];
        return options;
    }

    private const string SchedulerFile = """
        apiVersion: kubescheduler.config.k8s.io/v1
        kind: KubeSchedulerConfiguration
        percentageOfNodesToScore: 30
        """;

    private static readonly MemoryStore Store = new();
    private static readonly IAuthenticator Authenticator = new AuthenticationChain([]);
    private static readonly IAuthorizer Authorizer = new AuthorizerChain();

    private static IEnumerable<string> Read(string name, object options, params string[] without) =>
        options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => !without.Contains(p.Name)).Select(p => $"{name}.{p.Name}={Show(p.GetValue(options))}");

    private static string Show(object? value) => value switch
    {
        string text => text,
        Api.Core.V1.Taint taint => $"{taint.Key}={taint.Value}:{taint.Effect}",
        IEnumerable items => $"[{string.Join(' ', items.Cast<object>().Select(Show))}]",
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "",
    };
}
