using Kobune.ApiServer.Authentication.Tokens;
using Kobune.ApiServer.Kinds;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Authentication.OpenId;

/// <summary>
/// A provider's configuration and keys, both fetched when the first token needs them. After a failure of the discovery the next try is ten seconds later;
/// a token that no known key verifies has the keys fetched again, so that they may change at any time. Source: github.com/coreos/go-oidc, as upstream uses it.
/// </summary>
internal sealed partial class OpenIdProvider(string issuer, string configurationAt, OpenIdFetcher fetcher, TimeProvider time, ILogger<OpenIdProvider> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly ILogger _logger = logger;
    private Task<Uri>? _keysAt;
    private DateTimeOffset _nextTry;
    private Task<IReadOnlyList<VerificationKey>>? _fetching;
    private volatile IReadOnlyList<VerificationKey> _keys = [];

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

    private static bool Verifies(IReadOnlyList<VerificationKey> keys, TokenParts token) =>
        keys.Any(k => (token.KeyId is null or "" || token.KeyId == k.Id) && k.Verify(token.Algorithm, token.Signed, token.Signature));

    // Questions belong to all who wait for them: they end with no request, only with their own patience.
    private Task<Uri> DiscoverAsync()
    {
        lock (_gate)
        {
            if (_keysAt is null || (_keysAt.IsFaulted && time.GetUtcNow() >= _nextTry))
            {
                _nextTry = time.GetUtcNow() + Pause;
                _keysAt = DiscoverOnceAsync();
            }

            return _keysAt;
        }
    }

    private async Task<Uri> DiscoverOnceAsync()
    {
        try
        {
            var configuration = await fetcher.GetAsync(new(configurationAt));
            var told = configuration.Text("issuer");
            return told != issuer ? throw new OpenIdException($"oidc: issuer did not match the issuer returned by provider, expected \"{issuer}\" got \"{told}\"")
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
            var document = await fetcher.GetAsync(address);
            return _keys = [.. document.Items("keys").Select(VerificationKey.Read).OfType<VerificationKey>()];
        }
        catch (OpenIdException e)
        {
            throw new OpenIdException($"failed to verify signature: fetching keys {e.Message}");
        }
    }

    [LoggerMessage(LogLevel.Error, "oidc authenticator: initializing plugin: {Problem}")]
    private partial void LogFailed(string problem);
}
