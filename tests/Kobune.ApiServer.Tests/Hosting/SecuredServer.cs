using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Certificates;
using Kobune.Storage.Memory;

namespace Kobune.ApiServer.Tests.Hosting;

/// <summary>A whole server with its real security, reached in-process under any identity and over HTTPS on a loopback port.</summary>
internal sealed class SecuredServer : IAsyncDisposable
{
    private readonly MemoryStore _store = new();

    private SecuredServer(ServerSecurityOptions security, Func<ApiServerOptions, ApiServerOptions> configure)
    {
        Certificates = ClusterCertificates.CreateOrLoad(new(), TimeProvider.System);
        Security = new(Certificates, security);
        Host = new(configure(Security.CreateOptions(_store) with { Listen = [new IPEndPoint(IPAddress.Loopback, 0)], Advertise = new IPEndPoint(IPAddress.Parse("192.168.49.2"), 8443) }));
    }

    public static UserInfo Admin { get; } = UserInfo.Of("kubernetes-admin", "kubeadm:cluster-admins");

    public ClusterCertificates Certificates { get; }

    public ServerSecurity Security { get; }

    public ApiServerHost Host { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<SecuredServer> StartAsync(ServerSecurityOptions? security = null, Func<ApiServerOptions, ApiServerOptions>? configure = null)
    {
        var server = await StartWithoutPolicyAsync(security, configure);
        await server.Security.EnsurePolicyAsync(server.Host, Ct);
        return server;
    }

    /// <summary>As it is between the opening of its listener and the end of the bootstrap policy.</summary>
    public static async Task<SecuredServer> StartWithoutPolicyAsync(ServerSecurityOptions? security = null, Func<ApiServerOptions, ApiServerOptions>? configure = null)
    {
        var server = new SecuredServer(security ?? new(), configure ?? (o => o));
        await server.Host.StartAsync(Ct);
        return server;
    }

    public async Task<(int Code, JsonObject Body)> SendAsync(UserInfo user, string method, string path, string body = "", string? contentType = null)
    {
        var answer = await Host.InProcess.SendAsync(new InProcessRequest(user, method, path, Encoding.UTF8.GetBytes(body), contentType), Ct);
        return (answer.StatusCode, (JsonObject)JsonNode.Parse(answer.Body.Json.Span)!);
    }

    /// <summary>Sends as the administrator and insists on success.</summary>
    public async Task<JsonObject> MustAsync(string method, string path, string body = "", string? contentType = null, UserInfo? user = null)
    {
        var (code, answer) = await SendAsync(user ?? Admin, method, path, body, contentType);
        Assert.True(code < 400, $"{method} {path}: {answer}");
        return answer;
    }

    /// <summary>Waits until the server's own view shows an object: authorizers look there, a moment behind the store.</summary>
    public async Task SeesAsync<T>(string ns, string name)
        where T : class, IKubernetesObject<T>
    {
        for (var tries = 0; Host.Objects.Find<T>(ns, name) is null; tries++)
        {
            Assert.True(tries < 3000, $"the server's view never showed {T.Resource.Plural} {ns}/{name}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        }
    }

    /// <summary>Over HTTPS, with a client certificate or a token or neither.</summary>
    public async Task<(int Code, string Body)> SendHttpsAsync(string path, PemPair? client = null, string? token = null)
    {
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { Certificates.Authority.Certificate }, RevocationMode = X509RevocationMode.NoCheck },
                ClientCertificates = client is null ? null : [client.Load()],
            },
        };
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"https://{Host.Addresses[0]}") };
        if (token is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), Ct);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _store.DisposeAsync();
        Certificates.Dispose();
    }
}
