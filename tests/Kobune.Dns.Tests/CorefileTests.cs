using System.Net;
using Kobune.Dns.Configuration;

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
        Assert.Equal("10.0.0.1:53 10.0.0.2:5353", string.Join(' ', settings.Forward["other.corp"]!));
        Assert.Equal(IPAddress.Parse("192.168.49.1"), Assert.Single(settings.Hosts["host.minikube.internal"]));
        Assert.Equal("shop.default.svc.cluster.local", settings.Rewrites["shop.example.com"].Key);
    }

    [Theory]
    [InlineData(".:53 {\n  forward . tls://9.9.9.9\n}", "forward . tls://9.9.9.9")]
    [InlineData(".:53 {\n  template IN A\n}", "template IN A")]
    [InlineData(".:53 {\n  hosts /etc/other {\n  nonsense\n }\n}", "hosts: nonsense")]
    [InlineData(".:53 {\n  rewrite name regex (.*) x\n}", "rewrite name regex (.*) x")]
    public void What_is_not_understood_is_named(string text, string problem) => Assert.Equal(problem, Assert.Single(CorefileSettings.Parse(text)!.Problems));

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
