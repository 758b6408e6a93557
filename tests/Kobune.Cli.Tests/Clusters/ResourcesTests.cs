using Kobune.Cli.Clusters;
using Kobune.Cli.Commands;
using Kobune.Cli.Output;
using Kobune.Cli.Profiles;

namespace Kobune.Cli.Tests.Clusters;

public class ResourcesTests
{
    [Theory]
    [InlineData(null, 0)]
    [InlineData("no-limit", 0)]
    [InlineData("max", 8000)]
    [InlineData("4096", 4096)]
    [InlineData("4g", 4096)]
    [InlineData("2.5GiB", 2560)]
    [InlineData("4000mb", 4000)]
    public void Memory_is_read_as_megabytes(string? text, int expected) => Assert.Equal(expected, Resources.Memory(text, 8000, force: false));

    [Theory]
    [InlineData("250MB", 23)]
    [InlineData("9000", 10)]
    [InlineData("much", 14)]
    [InlineData("", 14)]
    [InlineData("4x", 14)]
    public void Bad_memory_has_its_exit_code(string text, int code) =>
        Assert.Equal(code, Assert.Throws<CliException>(() => Resources.Memory(text, 8000, force: false)).Reason.ExitCode);

    [Theory]
    [InlineData("1", 29)]
    [InlineData("5", 29)]
    [InlineData("two", 14)]
    [InlineData("-3", 14)]
    public void Bad_cpu_counts_have_their_exit_code(string text, int code) =>
        Assert.Equal(code, Assert.Throws<CliException>(() => Resources.Cpus(text, 4, force: false)).Reason.ExitCode);

    [Theory]
    [InlineData("kobune", true)]
    [InlineData("my-cluster.one", true)]
    [InlineData("a1", true)]
    [InlineData("a", false)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("a b", false)]
    [InlineData("../x", false)]
    [InlineData("Status", false)]
    [InlineData("", false)]
    public void Profile_names_are_checked(string name, bool isValid) => Assert.Equal(isValid, Record.Exception(() => ProfileStore.CheckName(name)) is null);

    [Theory]
    [InlineData("6m", 360)]
    [InlineData("1m30s", 90)]
    [InlineData("1h", 3600)]
    public void Durations_are_read_as_Go_writes_them(string text, int seconds) => Assert.Equal(seconds, StartCommand.Duration(text).TotalSeconds);

    [Fact]
    public void Nodes_are_numbered_from_the_profile()
    {
        var nodes = ClusterPlan.Nodes(new() { Name = "demo", Subnet = "192.168.58.0/24", KubernetesConfig = new() { KubernetesVersion = "v1.36.2" } }, 3);
        Assert.Equal(["demo", "demo-m02", "demo-m03"], nodes.Select(n => n.Name));
        Assert.Equal(["192.168.58.2", "192.168.58.3", "192.168.58.4"], nodes.Select(n => n.IP));
        Assert.Equal(["10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"], nodes.Select(n => n.PodCidr));
        Assert.Equal([true, false, false], nodes.Select(n => n.ControlPlane));
    }
}
