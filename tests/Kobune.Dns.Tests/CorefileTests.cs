using System.Net;
using Kobune.Dns.Configuration;
using Kobune.Dns.Zones;

namespace Kobune.Dns.Tests;

/// <summary>Corefiles to settings.</summary>
public class CorefileTests
{
    private const string Usual = """
        .:53 {
            errors
            health {
               lameduck 5s
            }
            kubernetes cluster.local in-addr.arpa ip6.arpa {
               pods insecure
               fallthrough in-addr.arpa ip6.arpa
            }
            hosts {
               192.168.49.1 host.kobune.internal Host.minikube.internal # the PC
               fallthrough
            }
            rewrite name shop.example.com shop.default.svc.cluster.local
            forward . /etc/resolv.conf {
               max_concurrent 1000
            }
            cache 30
        }
        example.corp:53 other.corp {
            errors
            cache 30
            forward . 10.0.0.1 10.0.0.2:5353
        }
        """;

    [Fact]
    public void The_usual_file_is_understood()
    {
        var settings = CorefileSettings.Parse(Usual)!;
        Assert.Empty(settings.Problems);
        Assert.Equal(["", "example.corp", "other.corp"], settings.Forward.Keys.Order());
        Assert.Null(settings.Forward[""]);
        Assert.Equal((5u, PodRecords.Insecure), (settings.Zone.Ttl, settings.Zone.Pods));
        Assert.Equal("10.0.0.1:53 10.0.0.2:5353", string.Join(' ', settings.Forward["other.corp"]!));
        Assert.Equal(IPAddress.Parse("192.168.49.1"), Assert.Single(settings.Hosts["host.minikube.internal"]));
        Assert.Equal("shop.default.svc.cluster.local", settings.Rewrites["shop.example.com"].Key);
    }

    [Theory]
    [InlineData(".:53 {\n  forward . tls://9.9.9.9\n}", "forward . tls://9.9.9.9")]
    [InlineData(".:53 {\n  kubernetes cluster.local {\n  pods perhaps\n  }\n}", "kubernetes: pods perhaps")]
    [InlineData(".:53 {\n  kubernetes cluster.local {\n  ttl 3601\n  }\n}", "kubernetes: ttl 3601")]
    [InlineData(".:53 {\n  cache {\n  prefetch\n  }\n}", "cache: prefetch")]
    [InlineData(".:53 {\n  cache {\n  prefetch 10 1m 95%\n  }\n}", "cache: prefetch 10 1m 95%")]
    [InlineData(".:53 {\n  cache {\n  prefetch 10 soon\n  }\n}", "cache: prefetch 10 soon")]
    [InlineData(".:53 {\n  template IN A\n}", "template IN A")]
    [InlineData(".:53 {\n  hosts /etc/other {\n  nonsense\n }\n}", "hosts: nonsense")]
    [InlineData(".:53 {\n  rewrite name regex (.*) x\n}", "rewrite name regex (.*) x")]
    public void What_is_not_understood_is_named(string text, string problem) => Assert.Equal(problem, Assert.Single(CorefileSettings.Parse(text)!.Problems));

    [Theory]
    [InlineData("", "5 Insecure", "30 30")] // without a Corefile: the specification, and kubeadm's cache
    [InlineData(".:53 {\n  kubernetes cluster.local\n}", "5 Disabled", "0 0")]
    [InlineData(".:53 {\n  kubernetes cluster.local {\n  ttl 0\n  pods insecure\n  }\n  cache\n}", "0 Insecure", "3600 1800")]
    [InlineData(".:53 {\n  kubernetes cluster.local {\n  ttl 3600\n  pods disabled\n  }\n  cache 60\n}", "3600 Disabled", "60 60")]
    [InlineData(".:53 {\n  cache 60 {\n  success 100 40\n  denial 9984\n  }\n}", "5 Insecure", "40 60")]
    [InlineData(".:53 {\n  cache 60\n}\nexample.com {\n  cache {\n  denial 100 7\n  }\n}", "5 Insecure", "3600 7")]
    [InlineData("other.com {\n  cache 60\n}", "5 Insecure", "0 0")]
    [InlineData(".:53 {\n  kubernetes cluster.local {\n  pods verified\n  }\n}", "5 Verified", "0 0")]
    public void How_long_answers_live(string text, string zone, string cache)
    {
        var settings = CorefileSettings.Parse(text)!;
        var limits = settings.CacheOf(Wire.DnsName.Parse("www.example.com"));
        Assert.Equal((zone, cache), ($"{settings.Zone.Ttl} {settings.Zone.Pods}", $"{limits.Success} {limits.Denial}"));
        Assert.Empty(settings.Problems);
    }

    [Theory]
    [InlineData("prefetch 10", 10, 60, 10)]
    [InlineData("prefetch 2 30s", 2, 30, 10)]
    [InlineData("prefetch 2 1m30s 20%", 2, 90, 20)]
    public void What_is_fetched_again_before_it_runs_out(string line, int amount, int gap, int percentage)
    {
        var settings = CorefileSettings.Parse($".:53 {{\n  kubernetes cluster.local {{\n  endpoint_pod_names\n  }}\n  cache 30 {{\n  {line}\n  }}\n}}")!;
        Assert.Empty(settings.Problems);
        Assert.Equal(new(amount, TimeSpan.FromSeconds(gap), percentage), settings.CacheOf(Wire.DnsName.Parse("example.com")).Prefetch);
        Assert.True(settings.Zone.EndpointPodNames);
    }

    [Theory]
    [InlineData(".:53 {")]
    [InlineData("}")]
    [InlineData(".:53 {\n hosts {\n }\n")]
    public void Braces_that_do_not_match_leave_all_as_it_was(string text) => Assert.Null(CorefileSettings.Parse(text));

    [Theory]
    [InlineData(".", "")]
    [InlineData(".:53", "")]
    [InlineData("Example.com.:53", "example.com")]
    [InlineData("dns://example.com", "example.com")]
    [InlineData("a..b", null)]
    public void Zones(string key, string? zone) => Assert.Equal(zone, CorefileSettings.ZoneOf(key));

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1:53")]
    [InlineData("dns://10.0.0.1:5353", "10.0.0.1:5353")]
    [InlineData("[fd00::1]:54", "[fd00::1]:54")]
    [InlineData("fd00::1", "[fd00::1]:53")]
    [InlineData("[fd00::1]", "[fd00::1]:53")]
    [InlineData("server.example.com", null)]
    public void Servers(string text, string? server) => Assert.Equal(server, CorefileSettings.ServerOf(text)?.ToString());
}
