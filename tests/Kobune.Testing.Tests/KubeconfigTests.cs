namespace Kobune.Testing.Tests;

public sealed class KubeconfigTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_kubeconfig_is_that_of_the_user_and_the_groups_that_were_asked_for()
    {
        await using var cluster = await TestCluster.StartAsync(o => o with { Https = true, Nodes = 0 }, Ct);
        var jane = await Kubectl.RunAsync(cluster.KubeconfigFile("jane", "devs", "ops"), "auth", "whoami", "-o", "jsonpath={.status.userInfo.username} {.status.userInfo.groups}");
        Assert.Equal("""jane ["devs","ops","system:authenticated"]""", jane);
        Assert.Contains("Forbidden", await Kubectl.RunAsync(cluster.KubeconfigFile("jane", "devs", "ops"), "get", "nodes"));
        Assert.DoesNotContain("Forbidden", await Kubectl.RunAsync(cluster.KubeconfigFile("root", "system:masters"), "get", "nodes"));
    }

    [Fact]
    public async Task A_service_account_has_the_groups_of_its_namespace_without_their_being_named()
    {
        await using var cluster = await TestCluster.StartAsync(o => o with { Https = true, Nodes = 0 }, Ct);
        var groups = await Kubectl.RunAsync(cluster.KubeconfigFile("system:serviceaccount:default:app"), "auth", "whoami", "-o", "jsonpath={.status.userInfo.groups}");
        Assert.Equal("""["system:serviceaccounts","system:serviceaccounts:default","system:authenticated"]""", groups);
    }

    [Fact]
    public async Task A_kubeconfig_file_is_made_when_asked_for_is_the_users_alone_and_goes_with_the_cluster()
    {
        string file;
        await using (var cluster = await TestCluster.StartAsync(o => o with { Https = true, Nodes = 0 }, Ct))
        {
            file = cluster.KubeconfigFile();
            Assert.Equal(file, cluster.KubeconfigFile());
            Assert.NotEqual(file, cluster.KubeconfigFile("jane"));
            Assert.Contains(cluster.Address!.Authority, await File.ReadAllTextAsync(file, Ct));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
            }
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(file)));
    }

    [Fact]
    public async Task A_cluster_listens_where_it_was_told_to()
    {
        int free;
        await using (var first = await TestCluster.StartAsync(o => o with { Https = true, Nodes = 0 }, Ct))
        {
            free = first.Address!.Port;
        }

        await using var cluster = await TestCluster.StartAsync(o => o with { Https = true, Port = free, Nodes = 0 }, Ct);
        Assert.Equal(free, cluster.Address!.Port);
        Assert.Contains("ok", await Kubectl.RunAsync(cluster.KubeconfigFile(), "get", "--raw", "/readyz"));
    }

    [Fact]
    public async Task Without_an_HTTPS_address_there_is_no_kubeconfig()
    {
        await using var cluster = await TestCluster.StartAsync(new() { Nodes = 0 }, Ct);
        Assert.Null(cluster.Address);
        Assert.Contains("Https = true", Assert.Throws<InvalidOperationException>(() => cluster.KubeconfigFile()).Message);
    }
}
