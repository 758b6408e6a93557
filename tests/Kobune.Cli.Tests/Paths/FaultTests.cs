using System.Net;
using Kobune.Cli.Paths;

namespace Kobune.Cli.Tests.Paths;

/// <summary>Row B7: each fault is found at its hop, and no sound hop is blamed.</summary>
public class FaultTests
{
    private sealed record Case(string Fault, HopKind? At, string Target, World World)
    {
        public string Namespace { get; init; } = "default";
    }

    private static readonly World Sound = new();

    private static readonly Case[] Cases =
    [
        new("", null, "web", Sound),
        new("", null, "pod/web-1", Sound),
        new("", null, "ingress/web", Sound),
        new("", null, "http://shop.test/cart/1", Sound),
        new("", null, "http://192.168.49.2:30080/", Sound),
        new("", null, "http://10.96.7.7/", Sound with { HasRoute = true }),
        new("SelectorMatchesNothing", HopKind.Service, "web", Sound.WithSpec(s => s with { Selector = new Dictionary<string, string> { ["tier"] = "database" } })),
        new("LabelTypo", HopKind.Service, "web", Sound.WithSpec(s => s with { Selector = new Dictionary<string, string> { ["app"] = "wbe" } })),
        new("LabelTypo", HopKind.Service, "web", Sound.WithSpec(s => s with { Selector = new Dictionary<string, string> { ["ap"] = "web" } })),
        new("WrongTargetPort", HopKind.Service, "web", Sound.WithSpec(s => s with { Ports = [s.Ports[0] with { TargetPort = 9999 }] })),
        new("UnknownNamedPort", HopKind.Service, "web", Sound.WithSpec(s => s with { Ports = [s.Ports[0] with { TargetPort = "htpp" }] })),
        new("ListensOnLoopback", HopKind.ContainerPort, "web", Sound with { Listeners = [new("TCP", "127.0.0.1", 8080)] }),
        new("ListensElsewhere", HopKind.ContainerPort, "web", Sound with { Listeners = [new("TCP", "0.0.0.0", 5000)] }),
        new("NothingListens", HopKind.ContainerPort, "web", Sound with { Listeners = [] }),
        new("ListensElsewhere", HopKind.ContainerPort, "web", (Sound with { Listeners = [new("TCP", "::", 5000)] }).NotReady()),
        new("ReadinessFails", HopKind.Pod, "web", (Sound with { Events = [new() { InvolvedObject = new() { Uid = "u1" }, Reason = "Unhealthy", Message = "Readiness probe failed: HTTP probe failed with statuscode: 503" }] }).NotReady()),
        new("CrashLoop", HopKind.Pod, "web", (Sound with { Listeners = [] }).NotReady("CrashLoopBackOff")),
        new("ImageMissing", HopKind.Pod, "web", Sound.NotReady("ImagePullBackOff")),
        new("ImageMissing", HopKind.Pod, "web", Sound.NotReady("ErrImageNeverPull")),
        new("ContainerWaits", HopKind.Pod, "web", Sound.NotReady("CreateContainerConfigError", "configmap \"x\" not found")),
        new("PodPending", HopKind.Pod, "web", Sound.WithStatus(s => new() { Phase = "Pending", Conditions = [new() { Type = "PodScheduled", Status = "False", Message = "0/1 nodes are available: 1 Insufficient cpu." }] })),
        new("NodePortOutOfRange", HopKind.Service, "http://192.168.49.2:8080/", Sound),
        new("NodePortUnknown", HopKind.Service, "http://192.168.49.2:30081/", Sound),
        new("NoRouteToClusterIP", HopKind.Pc, "http://10.96.7.7/", Sound),
        new("NoRouteToClusterIP", HopKind.Pc, "web", Sound.WithSpec(s => s with { Type = "ClusterIP", Ports = [s.Ports[0] with { NodePort = 0 }] })),
        new("NoTunnel", HopKind.Service, "web", Sound.WithSpec(s => s with { Type = "LoadBalancer" })),
        new("NoIngressClass", HopKind.Ingress, "ingress/web", Sound with { Classes = [] }),
        new("NoIngressClass", HopKind.Ingress, "ingress/web", Sound.WithIngress(s => s with { IngressClassName = null })),
        new("NoIngressController", HopKind.IngressController, "ingress/web", Sound with { HasController = false }),
        new("WrongHost", HopKind.Ingress, "http://shpo.test/cart", Sound with { Names = new Dictionary<string, string> { ["shpo.test"] = World.NodeAddress } }),
        new("WrongPath", HopKind.Ingress, "http://shop.test/carts", Sound),
        new("TlsSecretMissing", HopKind.Ingress, "https://shop.test/cart", Sound.WithIngress(s => s with { TLS = [new() { Hosts = ["shop.test"], SecretName = "shop-tls" }] })),
        new("NameNotResolved", HopKind.Resolver, "ingress/web", Sound with { Names = new Dictionary<string, string>() }),
        new("NameNotResolved", HopKind.Resolver, "http://shop.test/cart", Sound with { Names = new Dictionary<string, string> { ["shop.test"] = "93.184.216.34" } }),
        new("NameNotResolved", HopKind.Resolver, "http://shop.test/cart", Sound with { Names = new Dictionary<string, string> { ["shop.test"] = "127.0.0.1" } }),
        new("", null, "http://shop.test/cart", Sound with { Names = new Dictionary<string, string> { ["shop.test"] = "127.0.0.1" }, TunnelAddresses = [IPAddress.Loopback] }),
        new("ServiceInAnotherNamespace", HopKind.Service, "web", Sound) { Namespace = "kube-system" },
        new("ServiceMissing", HopKind.Service, "wep", Sound),
        new("MachineUnreachable", HopKind.Pc, "web", Sound with { MachineReachable = false }),
        new("PodNetwork", HopKind.Pod, "web", Sound with { PodNetworkWorks = false }),
        new("ServiceProxy", HopKind.Service, "web", Sound with { ProxyWorks = false }),
        new("UnknownAddress", HopKind.Pc, "http://172.20.1.1/", Sound),
        new("ExternalName", HopKind.Service, "web", Sound.WithSpec(s => s with { Type = "ExternalName", ExternalName = "example.com" })),
        new("", null, "web", Sound with { SeesListeners = false }),
        new("PortRefuses", HopKind.ContainerPort, "web", Sound with { SeesListeners = false, Listeners = [] }),
        new("NothingListens", HopKind.ContainerPort, "web", Sound.WithSpec(s => s with { Ports = [s.Ports[0] with { Protocol = "UDP" }] })),
        new("PortRefuses", HopKind.ContainerPort, "web", Sound.WithSpec(s => s with { Ports = [s.Ports[0] with { Protocol = "UDP" }] }) with { SeesListeners = false, Listeners = [] }),
        new("", null, "web", Sound.Outside("UDP") with { OutsideAnswers = true }),
        new("EndpointSilent", HopKind.EndpointSlice, "web", Sound.Outside("UDP")),
        new("EndpointSilent", HopKind.EndpointSlice, "web", Sound.Outside("TCP")),
        new("ServiceProxy", HopKind.Service, "web", Sound.Outside("TCP") with { OutsideAnswers = true, ProxyWorks = false }),
        new("", null, "web", Sound.Dual),
        new("", null, "pod/web-1", Sound.Dual),
        new("", null, "ingress/web", Sound.Dual),
        new("", null, "http://shop.test/cart", Sound.Dual with { Names = new Dictionary<string, string> { ["shop.test"] = World.NodeAddressV6 } }),
        new("NameNotResolved", HopKind.Resolver, "http://shop.test/cart", Sound.Dual with { Names = new Dictionary<string, string> { ["shop.test"] = "2001:db8::1" } }),
        new("", null, $"http://[{World.NodeAddressV6}]:30080/", Sound.Dual),
        new("", null, $"http://[{World.ClusterAddressV6}]/", Sound.Dual with { HasRoute = true }),
        new("NoRouteToClusterIP", HopKind.Pc, $"http://[{World.ClusterAddressV6}]/", Sound.Dual),
        new("", null, "web", Sound.Dual.WithSpec(s => s with { IPFamilies = ["IPv6"], ClusterIP = World.ClusterAddressV6, ClusterIPs = [World.ClusterAddressV6] })),
        new("", null, "ingress/web", Sound.Dual.WithSpec(s => s with { IPFamilies = ["IPv6"], ClusterIP = World.ClusterAddressV6, ClusterIPs = [World.ClusterAddressV6] })),
        new("ListensOtherFamily", HopKind.ContainerPort, "web", Sound.Dual with { Listeners = [new("TCP", "0.0.0.0", 8080)] }),
        new("NoIngressController", HopKind.IngressController, "ingress/web", Sound.Dual with { HasControllerV6 = false }),
        new("NoTunnel", HopKind.Service, "web", Sound.Dual.WithSpec(s => s with { Type = "LoadBalancer" })),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Cases.Length)];

    [Theory, MemberData(nameof(Rows))]
    public void The_first_broken_hop_is_the_one_at_fault(int row)
    {
        var c = Cases[row];
        var report = c.World.Walk(c.Target, c.Namespace);
        Assert.Equal((c.Fault, c.At), (report.Broken?.Fault?.Id ?? "", report.Broken?.Kind));
    }

    [Theory, MemberData(nameof(Rows))]
    public void Only_the_hop_at_fault_is_blamed(int row)
    {
        var c = Cases[row];
        var broken = c.World.Walk(c.Target, c.Namespace).Hops.Where(h => h.State == HopState.Broken).Select(h => h.Kind);
        Assert.Equal(c.At is { } at ? [at] : [], broken);
    }

    [Fact]
    public void No_packet_for_the_cluster_leaves_by_the_default_route()
    {
        Assert.DoesNotContain(Sound.Walk("http://10.96.7.7/").Hops.SelectMany(h => h.Probes), p => p.From == "PC" && p.To.StartsWith("10.96.7.7", StringComparison.Ordinal));
        Assert.Contains((Sound with { HasRoute = true }).Walk("http://10.96.7.7/").Hops.SelectMany(h => h.Probes), p => p.From == "PC" && p.To.StartsWith("10.96.7.7", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_independent_faults_are_both_shown_the_nearer_one_first()
    {
        var report = (Sound with { Names = new Dictionary<string, string>(), Listeners = [] }).Walk("ingress/web");
        Assert.Equal([HopKind.Resolver, HopKind.ContainerPort], report.Hops.Where(h => h.State == HopState.Broken).Select(h => h.Kind));
        Assert.Equal(HopKind.Resolver, report.Broken!.Kind);
    }

    [Fact]
    public void Sound_hops_behind_the_broken_one_stay_sound_when_they_were_looked_at()
    {
        var hops = Sound.Walk("http://10.96.7.7/").Hops.ToDictionary(h => h.Kind, h => h.State);
        Assert.Equal(HopState.Broken, hops[HopKind.Pc]);
        Assert.Equal(HopState.Sound, hops[HopKind.ContainerPort]);
        Assert.Equal(HopState.NotReached, Sound.Walk("wep").Hops.Single(h => h.Kind == HopKind.Pod).State);
    }

    [Fact]
    public void Both_families_are_walked_and_shown()
    {
        var hops = Sound.Dual.Walk("web").Hops.ToDictionary(h => h.Kind);
        Assert.Equal($"kobune {World.NodeAddress}, {World.NodeAddressV6}", hops[HopKind.Machine].Subject);
        Assert.Equal($"default/web {World.ClusterAddress}:80 (NodePort 30080), [{World.ClusterAddressV6}]:80 (NodePort 30080)", hops[HopKind.Service].Subject);
        Assert.Equal([$"{World.PodAddress}:8080", $"[{World.PodAddressV6}]:8080"], hops[HopKind.Pod].Probes.Select(p => p.To));
    }
}
