using Kobune.Kubelet.Registry;

namespace Kobune.Kubelet.Tests.Registry;

public sealed class RegistryHostsTests : IDisposable
{
    private const string View = "http://127.0.0.1:10055";
    private readonly string _folder = Directory.CreateTempSubdirectory("kobune-hosts-").FullName;

    [Fact]
    public void Every_host_asks_the_view_first() =>
        Assert.Equal(
            """
            # Written by kobune for its options
            [host."http://127.0.0.1:10055"]
              capabilities = ["pull", "resolve"]

            """,
            Assert.Single(RegistryHosts.Files(View, [], [])).Value);

    [Fact]
    public void Mirrors_are_Docker_Hubs_and_come_before_it()
    {
        var files = RegistryHosts.Files(View, ["https://a.test/", "http://b.test:5000"], ["a.test"]);
        Assert.Equal(["_default", "a.test", "docker.io"], files.Keys);
        Assert.Equal(
            """
            # Written by kobune for its options
            [host."http://127.0.0.1:10055"]
              capabilities = ["pull", "resolve"]
            [host."https://a.test"]
              capabilities = ["pull", "resolve"]
              skip_verify = true
            [host."http://b.test:5000"]
              capabilities = ["pull", "resolve"]

            """,
            files["docker.io"]);
    }

    [Theory]
    [InlineData("r.test:5000", "r.test:5000")]
    [InlineData("http://R.test:5000/", "r.test:5000")]
    [InlineData("https://r.test", "r.test")]
    [InlineData("10.0.0.0/24", null)]
    public void Insecure_registries_are_tried_without_a_check_and_in_plain_text(string given, string? host)
    {
        var files = RegistryHosts.Files(View, [], [given]);
        if (host is null)
        {
            Assert.Equal(["_default"], files.Keys);
            return;
        }

        Assert.EndsWith($"[host.\"https://{host}\"]\n  capabilities = [\"pull\", \"resolve\", \"push\"]\n  skip_verify = true\n[host.\"http://{host}\"]\n  capabilities = [\"pull\", \"resolve\", \"push\"]\n", files[host], StringComparison.Ordinal);
    }

    [Fact]
    public void An_alias_leads_to_its_server_alone()
    {
        var text = RegistryHosts.Alias(View, "http://192.168.49.2:5000");
        Assert.StartsWith("# Written by kobune for an addon\nserver = \"http://192.168.49.2:5000\"\n", text, StringComparison.Ordinal);
        Assert.EndsWith("[host.\"http://192.168.49.2:5000\"]\n  capabilities = [\"pull\", \"resolve\", \"push\"]\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_options_that_are_gone_go_and_others_stay()
    {
        var folder = new RegistryHostsFolder(_folder);
        folder.WriteAll(RegistryHosts.Files(View, ["https://m.test"], ["r.test"]));
        folder.Write("alias.test", RegistryHosts.Alias(View, "http://x.test"));
        Directory.CreateDirectory(Path.Combine(_folder, "user.test"));
        File.WriteAllText(Path.Combine(_folder, "user.test", "hosts.toml"), "server = \"https://user.test\"\n");
        Assert.Equal(["_default", "alias.test", "docker.io", "r.test", "user.test"], Hosts());

        folder.WriteAll(RegistryHosts.Files(View, [], []));
        Assert.Equal(["_default", "alias.test", "user.test"], Hosts());
        folder.Remove("alias.test");
        folder.Remove("user.test");
        Assert.False(folder.Write("user.test", "other"));
        Assert.Equal(["_default", "user.test"], Hosts());
        Assert.Equal("server = \"https://user.test\"\n", File.ReadAllText(Path.Combine(_folder, "user.test", "hosts.toml")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private IEnumerable<string> Hosts() => Directory.EnumerateDirectories(_folder).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal);
}
