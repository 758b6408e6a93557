using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Authentication.Tokens;
using Kobune.ApiServer.Certificates;
using Kobune.ApiServer.Kinds;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Authentication.OpenId;

/// <summary>
/// A provider's configuration and keys, both fetched when the first token needs them. After a failure of the discovery the next try is ten seconds later;
/// a token that no known key verifies has the keys fetched again, so that they may change at any time. Source: github.com/coreos/go-oidc, as upstream uses it.
/// </summary>
internal sealed partial class OpenIdProvider : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly string _issuer;
    private readonly string _configurationAt;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpClient _http;
    private readonly ConcurrentDictionary<string, OpenIdProvider> _others = new(StringComparer.Ordinal);
    private readonly bool _isOther;
    private Task<Uri>? _keysAt;
    private DateTimeOffset _nextTry;
    private Task<IReadOnlyList<VerificationKey>>? _fetching;
    private volatile IReadOnlyList<VerificationKey> _keys = [];

    public OpenIdProvider(OpenIdOptions options, TimeProvider time, ILogger<OpenIdProvider> logger)
    {
        _issuer = options.IssuerUrl;
        _configurationAt = options.DiscoveryUrl.Length > 0 ? options.DiscoveryUrl : _issuer.TrimEnd('/') + OpenIdDocuments.ConfigurationPath;
        _time = time;
        _logger = logger;
        var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = Patience };
        if (options.Authority.Length + options.AuthorityFile.Length > 0)
        {
            handler.SslOptions.CertificateChainPolicy = TrustedRoots.Policy(options.Authority.Length > 0 ? options.Authority : File.ReadAllText(options.AuthorityFile));
        }

        _http = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private OpenIdProvider(string issuer, HttpClient http, TimeProvider time, ILogger logger)
    {
        (_issuer, _configurationAt, _http, _time, _logger, _isOther) = (issuer, issuer.TrimEnd('/') + OpenIdDocuments.ConfigurationPath, http, time, logger, true);
    }

    /// <summary>The provider of another issuer, reached and verified in the same way: claims may be other issuers' (<see cref="DistributedClaims"/>). It ends with this one.</summary>
    public OpenIdProvider Of(string issuer) => issuer == _issuer ? this : _others.GetOrAdd(issuer, i => new(i, _http, _time, _logger));

    /// <summary>Fetches a token that has claims.</summary>
    /// <exception cref="OpenIdException">There is none.</exception>
    public async Task<string> FetchTokenAsync(string endpoint, string accessToken, CancellationToken ct)
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

    /// <summary>Whether one of the provider's keys signed a token.</summary>
    /// <exception cref="OpenIdException">The provider cannot be asked.</exception>
    public async Task<bool> HasSignedAsync(TokenParts token, CancellationToken ct)
    {
        var address = await DiscoverAsync().WaitAsync(ct);
        return Verifies(_keys, token) || Verifies(await FetchKeysAsync(address).WaitAsync(ct), token);
    }

    /// <summary>Waits until the provider is known.</summary>
    /// <exception cref="OpenIdException">It is not.</exception>
    public Task WaitAsync(CancellationToken ct) => DiscoverAsync().WaitAsync(ct);

    public void Dispose()
    {
        if (!_isOther)
        {
            _http.Dispose(); // of all of them
        }
    }

    private static bool Verifies(IReadOnlyList<VerificationKey> keys, TokenParts token) =>
        keys.Any(k => (token.KeyId is null or "" || token.KeyId == k.Id) && k.Verify(token.Algorithm, token.Signed, token.Signature));

    // Questions belong to all who wait for them: they end with no request, only with their own patience.
    private Task<Uri> DiscoverAsync()
    {
        lock (_gate)
        {
            if (_keysAt is null || (_keysAt.IsFaulted && _time.GetUtcNow() >= _nextTry))
            {
                _nextTry = _time.GetUtcNow() + Pause;
                _keysAt = DiscoverOnceAsync();
            }

            return _keysAt;
        }
    }

    private async Task<Uri> DiscoverOnceAsync()
    {
        try
        {
            var configuration = await GetAsync(new(_configurationAt));
            var issuer = configuration.Text("issuer");
            return issuer != _issuer ? throw new OpenIdException($"oidc: issuer did not match the issuer returned by provider, expected \"{_issuer}\" got \"{issuer}\"")
                : Uri.TryCreate(configuration.Text("jwks_uri"), UriKind.Absolute, out var keys) ? keys
                : throw new OpenIdException($"oidc: the provider's jwks_uri \"{configuration.Text("jwks_uri")}\" is no URL");
        }
        catch (OpenIdException e)
        {
            LogFailed(e.Message);
            throw new OpenIdException("oidc: authenticator not initialized");
        }
    }

    private Task<IReadOnlyList<VerificationKey>> FetchKeysAsync(Uri address)
    {
        lock (_gate)
        {
            return _fetching is { IsCompleted: false } ? _fetching : _fetching = FetchKeysOnceAsync(address);
        }
    }

    private async Task<IReadOnlyList<VerificationKey>> FetchKeysOnceAsync(Uri address)
    {
        try
        {
            var document = await GetAsync(address);
            return _keys = [.. document.Items("keys").Select(VerificationKey.Read).OfType<VerificationKey>()];
        }
        catch (OpenIdException e)
        {
            throw new OpenIdException($"failed to verify signature: fetching keys {e.Message}");
        }
    }

    private async Task<JsonObject> GetAsync(Uri address)
    {
        await Task.Yield(); // nothing of it runs under the lock
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

    [LoggerMessage(LogLevel.Error, "oidc authenticator: initializing plugin: {Problem}")]
    private partial void LogFailed(string problem);
}
