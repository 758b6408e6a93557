using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Kobune.Api.Core.V1;

namespace Kobune.Addons.Metrics;

/// <summary>Reads /metrics/resource of kubelets over HTTPS, with a token of the service account and the cluster's authority.</summary>
internal sealed class KubeletReader(MetricsServerOptions options, TimeProvider time) : IDisposable
{
    private const int DefaultPort = 10250;
    private static readonly TimeSpan TokenLife = TimeSpan.FromMinutes(30); // they are made for an hour
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectTimeout = Patience,
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { options.Authority },
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            },
        },
    });

    private string _token = "";
    private DateTimeOffset _tokenMade = DateTimeOffset.MinValue;

    /// <exception cref="HttpRequestException">The kubelet cannot be reached or refuses.</exception>
    /// <exception cref="OperationCanceledException">It did not answer in time.</exception>
    public async Task<string> ReadAsync(Node node, CancellationToken ct)
    {
        var address = node.Status.Addresses.FirstOrDefault(a => a.Type == "InternalIP")?.Address ?? throw new HttpRequestException($"node {node.Metadata.Name} has no InternalIP");
        var port = node.Status.DaemonEndpoints.KubeletEndpoint.Port;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var timer = time.CreateTimer(_ => patience.Cancel(), null, Patience, Timeout.InfiniteTimeSpan);
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder("https", address, port == 0 ? DefaultPort : port, "/metrics/resource").Uri);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(patience.Token));
        using var response = await _http.SendAsync(request, patience.Token);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture, $"request failed, status: \"{(int)response.StatusCode} {response.ReasonPhrase}\""));
        }

        return await response.Content.ReadAsStringAsync(patience.Token);
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> TokenAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (now - _tokenMade > TokenLife)
        {
            (_token, _tokenMade) = (await options.Token(ct), now);
        }

        return _token;
    }
}
