using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Certificates;

namespace Kobune.ApiServer.Authentication.OpenId;

/// <summary>Fetches documents of OpenID Connect providers and tokens with claims, verified by one set of authorities. One connection pool; safe for concurrent callers.</summary>
internal sealed class OpenIdFetcher : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public OpenIdFetcher(OpenIdOptions options, TimeProvider time)
    {
        _time = time;
        var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = Patience };
        if (options.Authority.Length + options.AuthorityFile.Length > 0)
        {
            handler.SslOptions.CertificateChainPolicy = TrustedRoots.Policy(options.Authority.Length > 0 ? options.Authority : File.ReadAllText(options.AuthorityFile));
        }

        _http = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>A JSON object. The question belongs to all who wait for it: only its own patience ends it.</summary>
    /// <exception cref="OpenIdException">There is none.</exception>
    public async Task<JsonObject> GetAsync(Uri address)
    {
        await Task.Yield(); // nothing of it runs under a caller's lock
        using var patience = new CancellationTokenSource(Patience, _time);
        try
        {
            using var answer = await _http.GetAsync(address, patience.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(patience.Token);
            return !answer.IsSuccessStatusCode ? throw new OpenIdException($"{(int)answer.StatusCode} {answer.ReasonPhrase}: {System.Text.Encoding.UTF8.GetString(body)}")
                : ObjectReader.ReadAny(ObjectReader.Parse(body)) as JsonObject ?? throw new OpenIdException($"oidc: {address} answers with no JSON object");
        }
        catch (Exception e) when (e is HttpRequestException or ObjectDecodeException)
        {
            throw new OpenIdException($"Get \"{address}\": {e.Message}");
        }
        catch (OperationCanceledException)
        {
            throw new OpenIdException($"Get \"{address}\": context deadline exceeded");
        }
    }

    /// <summary>A token that has claims.</summary>
    /// <exception cref="OpenIdException">There is none.</exception>
    public async Task<string> GetTokenAsync(string endpoint, string accessToken, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, endpoint);
            request.Headers.Authorization = accessToken.Length > 0 ? new AuthenticationHeaderValue("Bearer", accessToken) : null;
            using var answer = await _http.SendAsync(request, either.Token);
            return (int)answer.StatusCode is >= 200 and <= 226
                ? await answer.Content.ReadAsStringAsync(either.Token)
                : throw new OpenIdException($"error while getting distributed claim JWT: {(int)answer.StatusCode} {answer.ReasonPhrase}");
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException or InvalidOperationException or NotSupportedException)
        {
            throw new OpenIdException($"Get \"{endpoint}\": {e.Message}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new OpenIdException($"Get \"{endpoint}\": context deadline exceeded");
        }
    }

    public void Dispose() => _http.Dispose();
}
