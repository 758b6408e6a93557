using System.Text.Json;

namespace Kobune.Cli.Tests.TestServers;

public sealed class TestServerTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("kobune-test-server-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_says_where_it_listens_and_ends_with_its_parent_leaving_no_kubeconfig()
    {
        await using var server = OwnProgram.Start(OwnProgram.Path, _home, "test-server", "-o", "json", "--nodes", "2", "--kubernetes-version", "v1.33", "--until-stdin-closes");
        using var told = JsonDocument.Parse((await server.Output.ReadLineAsync(Ct))!);
        var kubeconfig = told.RootElement.GetProperty("kubeconfig").GetString()!;
        Assert.Contains(told.RootElement.GetProperty("address").GetString()!, await File.ReadAllTextAsync(kubeconfig, Ct), StringComparison.Ordinal);
        Assert.Equal("v1.33.10", told.RootElement.GetProperty("kubernetesVersion").GetString());
        Assert.Equal(2, told.RootElement.GetProperty("nodes").GetInt32());
        var version = await OwnProgram.RunAsync("kubectl", _home, "--kubeconfig", kubeconfig, "version", "-o", "json");
        Assert.Contains("\"gitVersion\": \"v1.33.10+kobune\"", version.Output, StringComparison.Ordinal);
        server.Input.Close();
        Assert.Equal(0, await server.EndAsync());
        Assert.False(File.Exists(kubeconfig));
    }

    [Fact]
    public async Task It_writes_the_kubeconfig_where_it_is_told_to_and_ends_when_it_is_asked_to()
    {
        var kubeconfig = Path.Combine(_home, "there", "config");
        await using var server = OwnProgram.Start(OwnProgram.Path, _home, "test-server", "--api-only", "--kubeconfig", kubeconfig);
        Assert.Contains("listens on https://127.0.0.1:", await server.Output.ReadLineAsync(Ct), StringComparison.Ordinal);
        Assert.Contains($"export KUBECONFIG=\"{kubeconfig}\"", await server.Output.ReadLineAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(kubeconfig).UnixFileMode);
        Assert.Equal("No resources found\n", (await OwnProgram.RunAsync("kubectl", _home, "--kubeconfig", kubeconfig, "get", "nodes")).Errors);
        Assert.Equal("service/kubernetes\n", (await OwnProgram.RunAsync("kubectl", _home, "--kubeconfig", kubeconfig, "get", "services", "-o", "name")).Output);
        Assert.Equal(0, await server.TerminateAsync());
        Assert.False(File.Exists(kubeconfig));
    }

    [Fact]
    public async Task Settings_reach_the_components_and_those_without_effect_are_named()
    {
        await using var server = OwnProgram.Start(OwnProgram.Path, _home, "test-server", "-o", "json", "--extra-config", "apiserver.service-node-port-range=31000-31000", "--extra-config", "kubelet.max-pods=5", "--until-stdin-closes");
        Assert.Contains("kubelet.max-pods", await server.Output.ReadLineAsync(Ct), StringComparison.Ordinal);
        using var told = JsonDocument.Parse((await server.Output.ReadLineAsync(Ct))!);
        var kubeconfig = told.RootElement.GetProperty("kubeconfig").GetString()!;
        var made = await OwnProgram.RunAsync("kubectl", _home, "--kubeconfig", kubeconfig, "create", "service", "nodeport", "a", "--tcp=80", "-o", "jsonpath={.spec.ports[0].nodePort}");
        Assert.Equal("31000", made.Output);
        Assert.Equal(0, await server.TerminateAsync());
    }

    [Theory]
    [InlineData("--kubernetes-version v1.12", 106, "K8S_OLD_UNSUPPORTED")]
    [InlineData("--nodes 6000", 14, "--nodes")]
    [InlineData("--port -1", 14, "--port")]
    [InlineData("--feature-gates NoSuchGate=true", 14, "NoSuchGate")]
    [InlineData("--extra-config apiserver.no-such=1", 14, "apiserver.no-such")]
    [InlineData("--port 26499 --extra-config apiserver.token-auth-file=/no/such/file", 35, "/no/such/file")]
    [InlineData("--port 26499 --extra-config apiserver.token-auth-file=/no-such-file", 35, "/no-such-file does not exist")]
    public async Task What_cannot_be_is_refused(string line, int code, string words)
    {
        using var run = new CommandRun();
        Assert.Equal(code, await run.RunAsync(["test-server", .. line.Split(' ')]));
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kubeconfig_of_somebody_elses_is_not_replaced()
    {
        using var run = new CommandRun();
        var file = Path.Combine(_home, "mine");
        await File.WriteAllTextAsync(file, "current-context: mine\n", Ct);
        Assert.Equal(38, await run.RunAsync("test-server", "--kubeconfig", file));
        Assert.Equal("current-context: mine\n", await File.ReadAllTextAsync(file, Ct));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        using var run = new CommandRun();
        Assert.Equal(81, await run.RunAsync("test-server", "--port", $"{port}", "--api-only"));
        Assert.Contains($"port {port}", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Assets_are_links_and_a_real_program_is_not_replaced()
    {
        using var run = new CommandRun();
        var folder = Path.Combine(_home, "assets");
        Assert.Equal(0, await run.RunAsync("test-server", "assets", folder, "--kubernetes-version", "v1.34.1"));
        Assert.Equal($"export KUBEBUILDER_ASSETS=\"{folder}\"\n", run.Output);
        Assert.Equal(["etcd", "kube-apiserver", "kubectl", "kubernetes-version"], Directory.GetFiles(folder).Select(f => Path.GetFileName(f)).Order());
        Assert.All(["etcd", "kube-apiserver", "kubectl"], n => Assert.Equal(Environment.ProcessPath, new FileInfo(Path.Combine(folder, n)).LinkTarget));
        Assert.Equal("v1.34.1\n", await File.ReadAllTextAsync(Path.Combine(folder, "kubernetes-version"), Ct));
        Assert.Equal(0, await run.RunAsync("test-server", "assets", folder));
        Assert.False(File.Exists(Path.Combine(folder, "kubernetes-version")));
        File.Delete(Path.Combine(folder, "etcd"));
        await File.WriteAllTextAsync(Path.Combine(folder, "etcd"), "real", Ct);
        Assert.Equal(14, await run.RunAsync("test-server", "assets", folder));
        Assert.Equal("real", await File.ReadAllTextAsync(Path.Combine(folder, "etcd"), Ct));
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);
}
