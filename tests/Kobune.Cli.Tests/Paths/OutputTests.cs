using System.Text.Json;
using System.Xml.Linq;
using Kobune.Cli.Paths;
using Kobune.Cli.Paths.Output;
using Kobune.Cli.Texts;

namespace Kobune.Cli.Tests.Paths;

public class OutputTests
{
    private static readonly PathReport Broken = (new World() with { Listeners = [new("TCP", "127.0.0.1", 8080)] }).Walk("web");

    [Fact]
    public void The_terminal_shows_each_hop_the_fault_and_its_mend()
    {
        var text = PathText.Render(Broken, Translator.For("en"), icons: false).Replace(Environment.MachineName, "pc", StringComparison.Ordinal);
        Assert.Equal(
            """
            The way to web

              [ok]     PC              pc
               │
              [ok]     Machine         kobune 192.168.49.2
               │    PC → 192.168.49.2:8443: connected, 1.0 ms
               │  ╌╌╌ the PC and the machine above, Kubernetes below
              [ok]     Service         default/web 10.96.7.7:80 (NodePort 30080)
               │    PC → 192.168.49.2:30080: connection refused, 1.0 ms
               │    kobune → 10.96.7.7:80: connection refused, 1.0 ms
               │
              [ok]     EndpointSlice   1/1
               │
              [ok]     Pod             default/web-1 10.244.0.5
               │    kobune → 10.244.0.5:8080: connection refused, 1.0 ms
               │
              [BROKEN] Container port  8080/TCP
               │    Found: the process in the pod web-1 listens on 127.0.0.1:8080 only, where nobody outside the pod reaches it
               │    Mend: let the application listen on 0.0.0.0:8080 (ASP.NET: ASPNETCORE_URLS=http://+:8080)

            Broken at: Container port (Kubernetes' part)

            """,
            text);
    }

    [Theory]
    [InlineData("en")]
    [InlineData("ja")]
    public void Every_form_is_well_formed_in_every_language(string language)
    {
        var texts = Translator.For(language);
        using var json = JsonDocument.Parse(PathJson.Render(Broken, texts));
        Assert.Equal(("ContainerPort", "ListensOnLoopback", false), (json.RootElement.GetProperty("firstBroken").GetString(), json.RootElement.GetProperty("fault").GetString(), json.RootElement.GetProperty("ok").GetBoolean()));
        Assert.Equal(6, json.RootElement.GetProperty("hops").GetArrayLength());
        var svg = XDocument.Parse(PathSvg.Render(Broken, texts));
        Assert.Contains(svg.Descendants().Where(e => e.Name.LocalName == "text"), t => t.Value.Contains("127.0.0.1:8080", StringComparison.Ordinal));
    }

    [Fact]
    public void A_sound_way_says_so()
    {
        var report = new World().Walk("web");
        Assert.EndsWith("Every hop is sound: the packet arrives.\n", PathText.Render(report, Translator.For("en"), icons: true), StringComparison.Ordinal);
        Assert.Contains("\"ok\":true", PathJson.Render(report, Translator.For("en")), StringComparison.Ordinal);
    }
}
