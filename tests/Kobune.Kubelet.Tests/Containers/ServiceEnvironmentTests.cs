using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Tests.Containers;

public class ServiceEnvironmentTests
{
    private static Service Make(string ns, string name, string ip, params ServicePort[] ports) =>
        new() { Metadata = new() { Namespace = ns, Name = name }, Spec = new() { ClusterIP = ip, Ports = ports } };

    [Fact]
    public void Service_gives_the_full_set_of_variables()
    {
        var found = ServiceEnvironment.Compute("app", true, [Make("app", "my-db", "10.0.0.5", new() { Name = "sql", Port = 5432, Protocol = "TCP" }, new() { Port = 53, Protocol = "UDP" })]);
        var expected = new Dictionary<string, string>
        {
            ["MY_DB_SERVICE_HOST"] = "10.0.0.5",
            ["MY_DB_SERVICE_PORT"] = "5432",
            ["MY_DB_SERVICE_PORT_SQL"] = "5432",
            ["MY_DB_PORT"] = "tcp://10.0.0.5:5432",
            ["MY_DB_PORT_5432_TCP"] = "tcp://10.0.0.5:5432",
            ["MY_DB_PORT_5432_TCP_PROTO"] = "tcp",
            ["MY_DB_PORT_5432_TCP_PORT"] = "5432",
            ["MY_DB_PORT_5432_TCP_ADDR"] = "10.0.0.5",
            ["MY_DB_PORT_53_UDP"] = "udp://10.0.0.5:53",
            ["MY_DB_PORT_53_UDP_PROTO"] = "udp",
            ["MY_DB_PORT_53_UDP_PORT"] = "53",
            ["MY_DB_PORT_53_UDP_ADDR"] = "10.0.0.5",
        };
        Assert.Equal(expected, found.ToDictionary());
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Links_can_be_switched_off_but_for_the_api_server(bool links, bool other)
    {
        var found = ServiceEnvironment.Compute("app", links, [Make("app", "web", "10.0.0.6", new ServicePort { Port = 80 }), Make("default", "kubernetes", "10.96.0.1", new ServicePort { Port = 443 })]);
        Assert.Equal(other, found.ContainsKey("WEB_SERVICE_HOST"));
        Assert.Equal("10.96.0.1", found["KUBERNETES_SERVICE_HOST"]);
    }

    [Theory]
    [InlineData("None")]
    [InlineData("")]
    public void Headless_service_gives_nothing(string ip) => Assert.Empty(ServiceEnvironment.Compute("app", true, [Make("app", "web", ip, new ServicePort { Port = 80 })]));
}
