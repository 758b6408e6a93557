using Kobune.Api;
using Kobune.Kubelet;
using Kobune.Proxy;

namespace Kobune.Node.Settings;

public sealed partial class ComponentSettings
{
    /// <summary>What the kubelet does.</summary>
    public KubeletOptions Kubelet(KubeletOptions defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        return defaults with
        {
            ListenAddress = Text("kubelet.address") ?? defaults.ListenAddress,
            ClusterDns = Text("kubelet.cluster-dns") is { } dns ? SettingValues.Addresses(dns)! : defaults.ClusterDns,
            ClusterDomain = Text("kubelet.cluster-domain") ?? defaults.ClusterDomain,
            ResolvConfPath = Text("kubelet.resolv-conf") ?? defaults.ResolvConfPath,
            StaticPodPath = Text("kubelet.pod-manifest-path") ?? defaults.StaticPodPath,
            MaxPods = Number("kubelet.max-pods") ?? defaults.MaxPods,
            PodsPerCore = Number("kubelet.pods-per-core") ?? defaults.PodsPerCore,
            SystemReserved = Reserved,
            NodeLabels = SettingValues.Pairs(Text("kubelet.node-labels") ?? "")!,
            RegisterWithTaints = SettingValues.Taints(Text("kubelet.register-with-taints") ?? "")!,
            NodeStatusPeriod = Duration("kubelet.node-status-update-frequency") ?? defaults.NodeStatusPeriod,
            ContainerLogMaxSize = Text("kubelet.container-log-max-size") is { } size ? Quantity.Parse(size).Value : defaults.ContainerLogMaxSize,
            ContainerLogMaxFiles = Number("kubelet.container-log-max-files") ?? defaults.ContainerLogMaxFiles,
            MaxParallelImagePulls = ParallelPulls ?? defaults.MaxParallelImagePulls,
            AllowedUnsafeSysctls = Text("kubelet.allowed-unsafe-sysctls") is { } sysctls ? SettingValues.List(sysctls) : defaults.AllowedUnsafeSysctls,
            SeccompDefault = Flag("kubelet.seccomp-default") ?? defaults.SeccompDefault,
            CpuQuota = Flag("kubelet.cpu-cfs-quota") ?? defaults.CpuQuota,
        };
    }

    /// <summary>One after the other, unless a number above one is given or that is switched off. Source: SetDefaults_KubeletConfiguration.</summary>
    private int? ParallelPulls
    {
        get
        {
            var most = Number("kubelet.max-parallel-image-pulls");
            var serialize = Flag("kubelet.serialize-image-pulls") ?? most is null or 1;
            return serialize ? null : most ?? 0;
        }
    }

    /// <summary>What the service proxy does.</summary>
    public ProxyOptions Proxy(ProxyOptions defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        return defaults with
        {
            Mode = Text("proxy.mode", "proxy.proxy-mode") is { } mode ? ProxyModes.Parse(mode) ?? defaults.Mode : defaults.Mode,
            ClusterCIDRs = Text("proxy.clusterCIDR", "proxy.cluster-cidr") is { } ranges ? SettingValues.Ranges(ranges)! : defaults.ClusterCIDRs,
            NodePortAddresses = Text("proxy.nodePortAddresses", "proxy.nodeport-addresses") is { } addresses ? SettingValues.List(addresses) : defaults.NodePortAddresses,
            HealthPort = Text("proxy.healthzBindAddress", "proxy.healthz-bind-address") is { } health ? SettingValues.Port(health)!.Value : defaults.HealthPort,
            MetricsPort = Text("proxy.metricsBindAddress", "proxy.metrics-bind-address") is { } metrics ? SettingValues.Port(metrics)!.Value : defaults.MetricsPort,
            LocalhostNodePorts = Flag("proxy.iptables-localhost-nodeports") ?? defaults.LocalhostNodePorts,
        };
    }

    /// <summary>kubelet.system-reserved and kubelet.kube-reserved together; both come off what pods may use.</summary>
    private IReadOnlyDictionary<string, string> Reserved
    {
        get
        {
            var reserved = SettingValues.Quantities(Text("kubelet.system-reserved") ?? "")!;
            foreach (var (name, amount) in SettingValues.Quantities(Text("kubelet.kube-reserved") ?? "")!)
            {
                reserved[name] = reserved.TryGetValue(name, out var first) ? (Quantity.Parse(first) + Quantity.Parse(amount)).ToString() : amount;
            }

            return reserved;
        }
    }
}
