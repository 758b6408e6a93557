using Kobune.Kubelet.Registry;
using Kobune.Kubelet.Registry.Pushing;

namespace Kobune.Kubelet.Tests.Registry;

public class HostsFileTests
{
    private const string View = "http://127.0.0.1:10055";

    [Theory]
    [InlineData("r.test:5000", "https://r.test:5000")]
    [InlineData("docker.io", "https://registry-1.docker.io")]
    [InlineData("localhost:5000", "http://localhost:5000")]
    [InlineData("127.0.0.1:5000", "http://127.0.0.1:5000")]
    public void Without_a_file_the_host_itself_takes_images(string host, string url) =>
        Assert.Equal([url], HostsFile.Servers(host, "").Select(s => s.Url));

    [Fact]
    public void Insecure_registries_are_tried_without_a_check_first_and_in_plain_text_then()
    {
        var servers = HostsFile.Servers("r.test", RegistryHosts.Insecure(View, "r.test"));
        Assert.Equal(["https://r.test", "http://r.test"], servers.Select(s => s.Url));
        Assert.True(servers[0].SkipVerify);
    }

    [Fact]
    public void An_alias_takes_images_where_it_leads() =>
        Assert.Equal(["http://192.168.49.2:5000"], HostsFile.Servers("example.org", RegistryHosts.Alias(View, "http://192.168.49.2:5000")).Select(s => s.Url));

    [Fact]
    public void A_mirror_takes_none() =>
        Assert.Equal(["https://registry-1.docker.io"], HostsFile.Servers("docker.io", RegistryHosts.Files(View, ["https://m.test"], [])["docker.io"]).Select(s => s.Url));

    [Fact]
    public void A_users_file_is_read_with_certificates_and_headers()
    {
        var servers = HostsFile.Servers(
            "r.test",
            """
            # mine
            server = "https://up.test/" # the last
            ca = "/own.pem"

            [host."https://a.test"]
              capabilities = [
                "pull",
                "push",
              ]
              ca = ["/one.pem", "/two.pem"]
              client = [["/c.pem", "/c.key"]]
              [host."https://a.test".header]
                x-team = "blue#1"
            [host.'http://b.test']
              capabilities = ["pull"]
              skip_verify = true
            """);
        Assert.Equal(["https://a.test", "https://up.test"], servers.Select(s => s.Url));
        Assert.Equal(["/one.pem", "/two.pem"], servers[0].Authorities);
        Assert.Equal(["/c.pem", "/c.key"], servers[0].Client);
        Assert.Equal("blue#1", servers[0].Headers["x-team"]);
        Assert.Equal(["/own.pem"], servers[1].Authorities);
        Assert.False(servers[0].SkipVerify || servers[1].SkipVerify);
    }
}
