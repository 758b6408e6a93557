using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Kobune.ApiServer.Certificates;

namespace Kobune.Cli.Tests.TestServers;

/// <summary>What controller-runtime's envtest does with the programs in KUBEBUILDER_ASSETS: its flags, its health checks, its certificates, its way to stop them.</summary>
public sealed class EnvtestTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("kobune-envtest-").FullName;
    private readonly EnvtestCertificates _clients = new();
    private readonly EnvtestCertificates _servers = new();
    private readonly EnvtestCertificates _accounts = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Certs => Path.Combine(_work, "certs");

    [Fact]
    public async Task Envtest_starts_uses_restarts_and_stops_a_control_plane()
    {
        var assets = await AssetsAsync();
        var (etcdPort, port) = (FreePort(), FreePort());
        await using var etcd = StartEtcd(assets, etcdPort);
        await HealthyAsync(etcd, $"http://127.0.0.1:{etcdPort}/health");
        WriteCertificates();
        var kubeconfig = Kubeconfig(port);
        await using (var server = StartApiServer(assets, etcdPort, port))
        {
            await HealthyAsync(server, $"https://127.0.0.1:{port}/healthz");
            await HealthyAsync(server, $"https://127.0.0.1:{port}/readyz");
            Assert.Equal("""admin ["system:masters","system:authenticated"]""", await KubectlAsync(assets, kubeconfig, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username} {.status.userInfo.groups}"));
            Assert.Equal("namespace/default\n", await KubectlAsync(assets, kubeconfig, "get", "namespace", "default", "-o", "name"));
            Assert.Equal("configmap/kept created\n", await KubectlAsync(assets, kubeconfig, "create", "configmap", "kept"));
            Assert.Equal("pod/lonely created\n", await KubectlAsync(assets, kubeconfig, "run", "lonely", "--image=i")); // without a service account: the plugin is off
            Assert.StartsWith("10.0.0.", await KubectlAsync(assets, kubeconfig, "create", "service", "clusterip", "a", "--tcp=80", "-o", "jsonpath={.spec.clusterIP}"), StringComparison.Ordinal);
            Assert.Equal("serviceaccount/robot created\n", await KubectlAsync(assets, kubeconfig, "create", "serviceaccount", "robot"));
            var token = (await KubectlAsync(assets, kubeconfig, "create", "token", "robot")).Trim();
            Assert.Contains($"\"iss\":\"https://127.0.0.1:{port}/\"", Payload(token), StringComparison.Ordinal);
            Assert.Equal("system:serviceaccount:default:robot", await KubectlAsync(assets, TokenKubeconfig(port, token), "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"));
            Assert.Equal(0, await server.TerminateAsync());
        }

        await using (var again = StartApiServer(assets, etcdPort, port))
        {
            await HealthyAsync(again, $"https://127.0.0.1:{port}/healthz");
            Assert.Equal("configmap/kept\n", await KubectlAsync(assets, kubeconfig, "get", "configmap", "kept", "-o", "name"));
            Assert.Equal(0, await again.TerminateAsync());
        }

        Assert.Equal(0, await etcd.TerminateAsync());
    }

    [Fact]
    public async Task Envtest_finds_the_flags_that_it_looks_for_in_the_help()
    {
        var assets = await AssetsAsync();
        var etcd = await OwnProgram.RunAsync(Path.Combine(assets, "etcd"), _work, "--help");
        Assert.Equal(0, etcd.Code);
        Assert.Matches(@"(?m)^\s*--unsafe-no-fsync\b", etcd.Output);
        var server = await OwnProgram.RunAsync(Path.Combine(assets, "kube-apiserver"), _work, "--help");
        Assert.Equal(0, server.Code);
        Assert.Matches(@"(?m)^\s*--authorization-mode\b", server.Output);
        Assert.DoesNotMatch(@"(?m)^\s*--insecure-port\b", server.Output + server.Errors);
    }

    [Theory]
    [InlineData("kube-apiserver", "--no-such-flag=1", "unknown flag: --no-such-flag")]
    [InlineData("kube-apiserver", "--secure-port=1", "--etcd-servers must be specified")]
    [InlineData("kube-apiserver", "--authorization-mode=Nonsense", "invalid argument \"Nonsense\" for \"--authorization-mode\"")]
    [InlineData("etcd", "--no-such-flag", "flag provided but not defined: -no-such-flag")]
    [InlineData("etcd", "--listen-client-urls=https://127.0.0.1:1", "http://ADDRESS:PORT")]
    public async Task What_the_real_programs_refuse_is_refused(string program, string flag, string words)
    {
        var refused = await OwnProgram.RunAsync(Path.Combine(await AssetsAsync(), program), _work, flag);
        Assert.Equal(1, refused.Code);
        Assert.Contains(words, refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_etcd_is_refused_with_its_address()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";
        silent.Stop();
        var refused = await OwnProgram.RunAsync(Path.Combine(await AssetsAsync(), "kube-apiserver"), _work, $"--etcd-servers={address}", "--secure-port=1");
        Assert.Equal(1, refused.Code);
        Assert.Contains($"{address} is not Kobune's stand-in for etcd", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_release_is_the_one_that_the_assets_were_made_for()
    {
        var assets = await AssetsAsync("--kubernetes-version", "v1.32.1");
        Assert.Equal("Kubernetes v1.32.1\n", (await OwnProgram.RunAsync(Path.Combine(assets, "kube-apiserver"), _work, "--version")).Output);
    }

    public void Dispose()
    {
        _clients.Dispose();
        _servers.Dispose();
        _accounts.Dispose();
        Directory.Delete(_work, recursive: true);
    }

    private async Task<string> AssetsAsync(params string[] options)
    {
        var folder = Path.Combine(_work, "assets");
        var made = await OwnProgram.RunAsync(OwnProgram.Path, _work, ["test-server", "assets", folder, .. options]);
        Assert.Equal((0, ""), (made.Code, made.Errors));
        return folder;
    }

    private OwnProgram StartEtcd(string assets, int port) => OwnProgram.Start(
        Path.Combine(assets, "etcd"),
        _work,
        $"--advertise-client-urls=http://127.0.0.1:{port}",
        $"--data-dir={Path.Combine(_work, "etcd-data")}",
        $"--listen-client-urls=http://127.0.0.1:{port}",
        $"--listen-peer-urls=http://127.0.0.1:{FreePort()}",
        "--unsafe-no-fsync=true");

    private OwnProgram StartApiServer(string assets, int etcdPort, int port) => OwnProgram.Start(
        Path.Combine(assets, "kube-apiserver"),
        _work,
        "--allow-privileged=true",
        "--authorization-mode=RBAC",
        "--bind-address=127.0.0.1",
        $"--cert-dir={Certs}",
        $"--client-ca-file={Path.Combine(Certs, "client-cert-auth-ca.crt")}",
        "--disable-admission-plugins=ServiceAccount",
        $"--etcd-servers=http://127.0.0.1:{etcdPort}",
        $"--secure-port={port}",
        $"--service-account-issuer=https://127.0.0.1:{port}/",
        $"--service-account-key-file={Path.Combine(Certs, "sa-signer.crt")}",
        $"--service-account-signing-key-file={Path.Combine(Certs, "sa-signer.key")}",
        "--service-cluster-ip-range=10.0.0.0/24");

    private void WriteCertificates()
    {
        var (certificate, key) = _servers.Serving();
        Directory.CreateDirectory(Certs);
        File.WriteAllText(Path.Combine(Certs, "apiserver.crt"), certificate);
        File.WriteAllText(Path.Combine(Certs, "apiserver.key"), key);
        File.WriteAllText(Path.Combine(Certs, "sa-signer.crt"), _accounts.CertificatePem);
        File.WriteAllText(Path.Combine(Certs, "sa-signer.key"), _accounts.KeyPem);
        File.WriteAllText(Path.Combine(Certs, "client-cert-auth-ca.crt"), _clients.CertificatePem);
    }

    private string Kubeconfig(int port)
    {
        var (certificate, key) = _clients.Client("admin", "system:masters");
        return Write("admin.kubeconfig", KubeconfigText.Write("envtest", $"https://127.0.0.1:{port}", _servers.CertificatePem, new(certificate, key)));
    }

    private string TokenKubeconfig(int port, string token) => Write("robot.kubeconfig", KubeconfigText.WriteToken("envtest", $"https://127.0.0.1:{port}", _servers.CertificatePem, token));

    private string Write(string name, string text)
    {
        var path = Path.Combine(_work, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<string> KubectlAsync(string assets, string kubeconfig, params string[] words)
    {
        var (code, output, errors) = await OwnProgram.RunAsync(Path.Combine(assets, "kubectl"), _work, ["--kubeconfig=" + kubeconfig, .. words]);
        Assert.True(code == 0, $"kubectl {string.Join(' ', words)}: {errors}");
        return output;
    }

    // envtest asks every 100 ms until the answer is 200, for 20 s; it checks no certificate then.
    private static async Task HealthyAsync(OwnProgram program, string url)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = (_, _, _, problems) => problems != SslPolicyErrors.RemoteCertificateNotAvailable } });
        while (true)
        {
            Assert.False(program.HasExited, program.HasExited ? await program.ErrorsAsync() : "");
            try
            {
                using var answer = await client.GetAsync(url, Ct);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // not yet
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ct);
        }
    }

    private static int FreePort()
    {
        using var any = new TcpListener(IPAddress.Loopback, 0);
        any.Start();
        return ((IPEndPoint)any.LocalEndpoint).Port;
    }

    private static string Payload(string token) => System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]));
}
