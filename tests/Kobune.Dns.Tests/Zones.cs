using System.Net;
using Kobune.Dns.Zones;

namespace Kobune.Dns.Tests;

/// <summary>A zone with one Service of each kind.</summary>
internal static class Zones
{
    private static readonly ZonePort Http = new("http", "tcp", 80);
    private static readonly ZonePort Dns = new("dns", "udp", 53);

    public static ClusterZone Filled()
    {
        var zone = new ClusterZone();
        Fill(zone);
        return zone;
    }

    public static void Fill(ClusterZone zone)
    {
        zone.AddNamespace("default");
        zone.AddNamespace("kube-system");
        zone.Set(new("default", "web") { ClusterIPs = [IPAddress.Parse("10.96.1.1")], Ports = [Http, new("metrics", "tcp", 9090)], Endpoints = [Endpoint("10.244.0.5", null, Http)] });
        zone.Set(new("default", "dual") { ClusterIPs = [IPAddress.Parse("10.96.1.2"), IPAddress.Parse("fd00::2")], Ports = [Http] });
        zone.Set(new("default", "db") { Headless = true, Ports = [Http], Endpoints = [Endpoint("10.244.0.6", "db-0", Http), Endpoint("10.244.0.7", "db-1", Http), Endpoint("fd00:10::8", null, Http)] });
        zone.Set(new("default", "empty") { Headless = true, Ports = [Http] });
        zone.Set(new("default", "portless") { Headless = true, Endpoints = [Endpoint("10.244.0.9", null, new ZonePort("", "", -1))] });
        zone.Set(new("default", "unnamed") { ClusterIPs = [IPAddress.Parse("10.96.1.3")], Ports = [new("", "tcp", 80)] });
        zone.Set(new("default", "twins") { Headless = true, Endpoints = [Endpoint("10.244.0.11", "twin", new("a", "tcp", 1), new("b", "udp", 2)), Endpoint("10.244.0.12", "twin", new("a", "tcp", 1), new("b", "udp", 2))] });
        zone.Set(new("default", "address") { ExternalName = "192.0.2.9" });
        zone.Set(new("default", "out") { ExternalName = "example.com" });
        zone.Set(new("default", "inside") { ExternalName = "web.default.svc.cluster.local" });
        zone.Set(new("kube-system", "kube-dns") { ClusterIPs = [IPAddress.Parse("10.96.0.10")], Ports = [Dns, new("dns-tcp", "tcp", 53)] });
    }

    public static ZoneEndpoint Endpoint(string address, string? hostname, params ZonePort[] ports)
    {
        var ip = IPAddress.Parse(address);
        return new(ip, hostname ?? ZoneEndpoint.LabelOf(ip), hostname is not null, ports);
    }
}
