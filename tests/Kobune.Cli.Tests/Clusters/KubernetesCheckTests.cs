using Kobune.Cli.Clusters;
using Kobune.Cli.Commands;
using Kobune.Cli.Profiles;

namespace Kobune.Cli.Tests.Clusters;

/// <summary>The options of `start` about Kubernetes: what is refused, what is kept, what is told.</summary>
public sealed class KubernetesCheckTests : IDisposable
{
    private readonly CommandRun _run = new();

    public static TheoryData<string, int, string> Refused => new()
    {
        { "--kubernetes-version v1.20.0", 106, "K8S_OLD_UNSUPPORTED" },
        { "--kubernetes-version v1.99.0", 106, "K8S_NEW_UNSUPPORTED" },
        { "--container-runtime docker", 16, "MK_UNIMPLEMENTED" },
        { "--container-runtime floppy", 14, "Invalid Container Runtime: \"floppy\"" },
        { "--cni false", 14, "The \"containerd\" container runtime requires CNI" },
        { "--cni calico", 16, "MK_UNIMPLEMENTED" },
        { "--apiserver-port 70000", 14, "--apiserver-port" },
        { "--apiserver-ips nowhere", 14, "--apiserver-ips" },
        { "--apiserver-names under_score", 14, "--apiserver-names" },
        { "--namespace Upper", 14, "--namespace" },
        { "--dns-domain -x", 14, "K8S_INVALID_DNS_DOMAIN" },
        { "--service-cluster-ip-range 10.0.0.0/4", 14, "--service-cluster-ip-range" },
        { "--extra-config max-pods=20", 14, "--extra-config" },
        { "--extra-config kubelet.no-such-flag=1", 14, "nobody knows kubelet.no-such-flag" },
        { "--extra-config kubelet.max-pods=many", 14, "kubelet.max-pods" },
        { "--feature-gates Nonsense=true", 14, "unrecognized feature gate: Nonsense" },
        { "--feature-gates EnvFiles=true --kubernetes-version v1.33", 14, "unrecognized feature gate: EnvFiles (v1.33." },
        { "--feature-gates ImageVolume=false", 14, "cannot set feature gate ImageVolume to false, feature is locked to true" },
        { "--extra-config kubelet.feature-gates=Nonsense=true", 14, "unrecognized feature gate: Nonsense" },
        { "--extra-config apiserver.enable-admission-plugins=Nonsense", 14, "apiserver.enable-admission-plugins" },
        { "--extra-config apiserver.runtime-config=batch/v9=true", 14, "apiserver.runtime-config" },
        { "--feature-gates UserNamespacesSupport=perhaps", 14, "--feature-gates" },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task What_cannot_be_is_refused(string options, int code, string words)
    {
        Assert.Equal(code, await _run.RunAsync(["start", "--dry-run", .. options.Split(' ')]));
        Assert.Contains(words, _run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_run.Home));
    }

    [Theory]
    [InlineData("--extra-config kubelet.event-qps=5", "--extra-config: kubelet.event-qps is known")]
    [InlineData("--feature-gates NodeLogQuery=true", "--feature-gates: NodeLogQuery is known")]
    [InlineData("--extra-config apiserver.enable-admission-plugins=ImagePolicyWebhook", "--extra-config: apiserver.enable-admission-plugins=ImagePolicyWebhook is known")]
    [InlineData("--disk-size 20g", "--disk-size has no effect")]
    [InlineData("--preload=false", "--preload has no effect")]
    public async Task What_changes_nothing_is_told_by_name(string options, string words)
    {
        Assert.Equal(0, await _run.RunAsync(["start", "--dry-run", .. options.Split(' ')]));
        Assert.Contains(words, _run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--extra-config kubelet.max-pods=20")]
    [InlineData("--feature-gates WatchList=false,AllAlpha=true,HostnameOverride=false")]
    [InlineData("--feature-gates UserNamespacesSupport=true --kubernetes-version v1.30")]
    [InlineData("--extra-config apiserver.enable-admission-plugins=NamespaceAutoProvision --extra-config apiserver.runtime-config=api/beta=true")]
    [InlineData("--extra-config apiserver.service-node-port-range=31000-31010 --extra-config proxy.mode=userspace")]
    [InlineData("--container-runtime containerd --cni bridge --apiserver-port 8555 --apiserver-names a.example,b.example --apiserver-ips 127.0.0.1")]
    public async Task What_works_is_not_remarked(string options)
    {
        Assert.Equal(0, await _run.RunAsync(["start", "--dry-run", .. options.Split(' ')]));
        Assert.Equal("", _run.Error);
    }

    [Fact]
    public void A_second_start_keeps_what_it_does_not_name()
    {
        var first = KubernetesCheck.Settings(new() { Namespace = "team", DnsDomain = "cluster.example", ServiceCidr = "10.100.0.0/16", ExtraConfig = ["kubelet.max-pods=20"] }, new(), "demo", exists: false);
        var second = KubernetesCheck.Settings(new() { ApiServerNames = ["a.example"], DnsDomain = "other.example" }, first, "demo", exists: true);
        Assert.Equal(("team", "cluster.example", "10.100.0.0/16"), (second.Namespace, second.DnsDomain, second.ServiceCidr));
        Assert.Equal(["kubelet.max-pods=20"], second.ExtraOptions);
        Assert.Equal(["a.example"], second.ApiServerNames);
    }

    [Fact]
    public void A_cluster_of_a_newer_version_is_not_taken_down()
    {
        var newer = new KubernetesSettings { KubernetesVersion = "v1.99.0" };
        var refusal = Assert.Throws<Kobune.Cli.Output.CliException>(() => KubernetesCheck.Settings(new(), newer, "demo", exists: true));
        Assert.Equal(("K8S_DOWNGRADE_UNSUPPORTED", 106), (refusal.Reason.Id, refusal.Reason.ExitCode));
    }

    [Fact]
    public void The_cluster_dns_is_the_tenth_address_of_the_services()
    {
        var profile = new ProfileConfig { Name = "demo", Subnet = "192.168.49.0/24", Nodes = ClusterPlan.Nodes(new() { Name = "demo", Subnet = "192.168.49.0/24" }, 1), KubernetesConfig = new() { ServiceCidr = "10.100.0.0/16" } };
        Assert.Equal("10.100.0.10", ClusterPlan.NodeOf(profile, profile.Primary).ClusterDNS);
    }

    [Fact]
    public void Logs_are_cut_to_the_last_start_and_to_trouble()
    {
        string[] log = ["one error", "supervisor: machine starts", "fine", "2026 fail: Kobune[0] broken", "supervisor: node ended with 1, next start in 0 s", "fine again"];
        Assert.Equal(["fine again"], LogsCommand.Choose(log, 1, problems: false, lastStart: false));
        Assert.Equal(5, LogsCommand.Choose(log, 60, problems: false, lastStart: true).Count);
        Assert.Equal([log[3], log[4]], LogsCommand.Choose(log, 60, problems: true, lastStart: true));
        Assert.Equal(3, LogsCommand.Choose(log, 60, problems: true, lastStart: false).Count);
    }

    [Fact]
    public void A_planned_stop_is_shown_as_Go_writes_durations()
    {
        Assert.Equal("4m52s", ScheduledStop.Text(TimeSpan.FromSeconds(292)));
        Assert.Equal("1h0m5s", ScheduledStop.Text(TimeSpan.FromSeconds(3605)));
        Assert.Equal("15s", ScheduledStop.Text(TimeSpan.FromSeconds(15)));
        var status = new NodeStatus("demo", "Running", "Running", "Running", "Configured", false) { TimeToStop = "15s" };
        Assert.Equal("demo\ntype: Control Plane\nhost: Running\nkubelet: Running\napiserver: Running\nkubeconfig: Configured\ntimeToStop: 15s\n\n", StatusCommand.Text([status]));
        Assert.Contains("\"TimeToStop\":\"15s\"", StatusCommand.Json([status]), StringComparison.Ordinal);
    }

    public void Dispose() => _run.Dispose();
}
