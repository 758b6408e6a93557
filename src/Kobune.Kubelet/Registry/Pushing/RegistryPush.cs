using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Kobune.Kubelet.Registry.Pushing;

/// <summary>
/// Pushes an image of containerd's content to a registry (distribution, docs/spec/api.md, "Pushing An Image"). containerd's own client takes a password as a word
/// of its command only.
/// </summary>
/// <param name="server">Where to.</param>
/// <param name="repository">"team/app".</param>
/// <param name="user">Who pushes; null for nobody.</param>
internal sealed class RegistryPush(PushServer server, string repository, RegistryUser? user) : IDisposable
{
    private readonly HttpClient _client = ClientOf(server);
    private RegistryAccess? _access;

    private RegistryAccess Access => _access ??= new(_client, user, $"repository:{repository}:pull,push");

    /// <summary>Whether a registry answers there at all.</summary>
    /// <exception cref="HttpRequestException">None does.</exception>
    public async Task PingAsync(CancellationToken ct)
    {
        using var response = await SendAsync(() => new(HttpMethod.Get, server.Url + "/v2/"), ct);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            await RequireAsync(response, ct); // here the refusal has words; that of a HEAD has none
        }
    }

    /// <summary>Pushes all parts that the registry lacks, then the tag.</summary>
    /// <exception cref="PushException">The registry refused.</exception>
    public async Task PushAsync(ContentStore content, PushImage image, string tag, CancellationToken ct)
    {
        foreach (var blob in image.Blobs)
        {
            await PushBlobAsync(blob.Digest, content.FileOf(blob.Digest)!, ct);
        }

        foreach (var manifest in image.Manifests)
        {
            var bytes = await File.ReadAllBytesAsync(content.FileOf(manifest.Digest)!, ct);
            var reference = manifest == image.Manifests[^1] ? tag : manifest.Digest;
            using var response = await SendAsync(
                () => new(HttpMethod.Put, $"{Repository}/manifests/{reference}") { Content = new ByteArrayContent(bytes) { Headers = { ContentType = new(manifest.MediaType) } } },
                ct);
            await RequireAsync(response, ct);
        }
    }

    public void Dispose() => _client.Dispose();

    private string Repository => $"{server.Url}/v2/{repository}";

    private async Task PushBlobAsync(string digest, string file, CancellationToken ct)
    {
        using (var head = await SendAsync(() => new(HttpMethod.Head, $"{Repository}/blobs/{digest}"), ct))
        {
            if (head.IsSuccessStatusCode)
            {
                return;
            }
        }

        using var begun = await SendAsync(() => new(HttpMethod.Post, $"{Repository}/blobs/uploads/") { Content = new ByteArrayContent([]) }, ct);
        await RequireAsync(begun, ct);
        var place = new Uri(new Uri(server.Url), begun.Headers.Location ?? throw new PushException($"{server.Url} did not say where to upload"));
        var target = place + (place.Query.Length > 0 ? "&" : "?") + "digest=" + Uri.EscapeDataString(digest);
        using var done = await SendAsync(
            () => new(HttpMethod.Put, target) { Content = new StreamContent(File.OpenRead(file)) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } } },
            ct);
        await RequireAsync(done, ct);
    }

    // A refusal for want of a (fresh) token is answered once.
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var request = make();
            foreach (var (name, value) in server.Headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            if (request.RequestUri!.GetLeftPart(UriPartial.Authority) == new Uri(server.Url).GetLeftPart(UriPartial.Authority))
            {
                Access.Apply(request);
            }

            var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            if (response.StatusCode != HttpStatusCode.Unauthorized || attempt > 0)
            {
                return response;
            }

            using (response)
            {
                if (!await Access.LearnAsync(response, ct))
                {
                    throw new PushException(RegistryFailure.Text(response, await response.Content.ReadAsByteArrayAsync(ct)));
                }
            }
        }
    }

    private static async Task RequireAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new PushException(RegistryFailure.Text(response, await response.Content.ReadAsByteArrayAsync(ct)));
        }
    }

    // The user said so: --insecure-registry, or skip_verify in hosts.toml. A registry that shows none at all is still refused.
    private static bool AnyCertificate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => certificate is not null;

    private static HttpClient ClientOf(PushServer server)
    {
        var ssl = new SslClientAuthenticationOptions();
        if (server.SkipVerify)
        {
            ssl.RemoteCertificateValidationCallback = AnyCertificate;
        }
        else if (server.Authorities.Count > 0)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            foreach (var file in server.Authorities)
            {
                policy.CustomTrustStore.ImportFromPemFile(file);
            }

            ssl.CertificateChainPolicy = policy;
        }

        if (server.Client.Count > 0)
        {
            ssl.ClientCertificates = [X509Certificate2.CreateFromPemFile(server.Client[0], server.Client.Count > 1 ? server.Client[1] : null)];
        }

        var handler = new SocketsHttpHandler { SslOptions = ssl, ConnectTimeout = TimeSpan.FromSeconds(10), AutomaticDecompression = DecompressionMethods.None };
        return new(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
