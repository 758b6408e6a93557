using System.Diagnostics;
using System.Net;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Certificates;

namespace Kobune.ApiServer.Tests.Hosting;

/// <summary>A server on a free loopback port with real certificates, and kubectl pointed at it.</summary>
internal sealed class HttpsServer : IAsyncDisposable
{
    private readonly ClusterCertificates _certificates;
    private readonly TestServer _server;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kobune-https-");

    private HttpsServer(ClusterCertificates certificates, TestServer server)
    {
        _certificates = certificates;
        _server = server;
        var client = certificates.IssueClient("kubernetes-admin", "kubeadm:cluster-admins");
        File.WriteAllText(Kubeconfig, KubeconfigText.Write("kobune", Address, certificates.Authority.CertificatePem, client));
    }

    public TestServer Server => _server;

    public string Address => $"https://127.0.0.1:{_server.Host.Addresses[0].Port}";

    public string Kubeconfig => Path.Combine(_folder.FullName, "kubeconfig");

    public static async Task<HttpsServer> StartAsync(bool keepsSystemObjects = true, Func<ApiServerOptions, ApiServerOptions>? configure = null)
    {
        var certificates = ClusterCertificates.CreateOrLoad(new ClusterCertificatesOptions(), TimeProvider.System);
        var server = await TestServer.StartAsync(options => (configure?.Invoke(options) ?? options) with
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            ServingCertificate = () => certificates.ServerCertificate,
            Authenticator = new AuthenticationChain([new ClientCertificateAuthenticator(certificates.Authority.Certificate, TimeProvider.System)]),
            Advertise = new IPEndPoint(IPAddress.Parse("192.0.2.10"), 8443), // loopback cannot be an endpoint
            KeepsSystemObjects = keepsSystemObjects,
            ClientAuthority = certificates.Authority.CertificatePem,
        });
        return new(certificates, server);
    }

    public async Task<(int Code, string Output, string Error)> KubectlAsync(string arguments, string input = "")
    {
        var start = new ProcessStartInfo("kubectl", $"--kubeconfig={Kubeconfig} --cache-dir={_folder.FullName} {arguments}")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException)
        {
            process.Kill();
            Assert.Fail($"kubectl {arguments} did not end within 60 s: {await output} {await error}");
        }

        return (process.ExitCode, await output, await error);
    }

    /// <summary>Runs kubectl and insists on success.</summary>
    public async Task<string> MustKubectlAsync(string arguments, string input = "")
    {
        var (code, output, error) = await KubectlAsync(arguments, input);
        Assert.True(code == 0, $"kubectl {arguments}: {error}");
        return output;
    }

    public HttpClient Client()
    {
        var pair = _certificates.IssueClient("kubernetes-admin", "kubeadm:cluster-admins");
        var handler = new HttpClientHandler { AllowAutoRedirect = false, ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        handler.ClientCertificates.Add(pair.Load());
        return new HttpClient(handler) { BaseAddress = new Uri(Address) };
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _certificates.Dispose();
        _folder.Delete(recursive: true);
    }
}
