using Kobune.ApiServer.Authentication.Tokens;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Authentication.OpenId;

/// <summary>
/// The provider that tokens are from, and those of other issuers whose claims its tokens refer to (<see cref="DistributedClaims"/>), all reached and verified in the same way.
/// Of the others so many are kept; the one that was asked for longest ago goes, and is fetched anew when it is named again.
/// </summary>
internal sealed class OpenIdProviders : IDisposable
{
    /// <summary>How many providers of other issuers are kept.</summary>
    public const int MaxOthers = 64;

    private readonly Lock _gate = new();
    private readonly OpenIdOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<OpenIdProvider> _logger;
    private readonly OpenIdFetcher _fetcher;
    private readonly List<(string Issuer, OpenIdProvider Provider)> _others = []; // the one asked for last at the end

    public OpenIdProviders(OpenIdOptions options, TimeProvider time, ILogger<OpenIdProvider> logger)
    {
        (_options, _time, _logger, _fetcher) = (options, time, logger, new(options, time));
        Main = new(options.IssuerUrl, options.DiscoveryUrl.Length > 0 ? options.DiscoveryUrl : ConfigurationOf(options.IssuerUrl), _fetcher, time, logger);
    }

    /// <summary>The provider that tokens are from.</summary>
    public OpenIdProvider Main { get; }

    /// <summary>The provider of an issuer.</summary>
    public OpenIdProvider Of(string issuer)
    {
        if (issuer == _options.IssuerUrl)
        {
            return Main;
        }

        lock (_gate)
        {
            var at = _others.FindIndex(o => o.Issuer == issuer);
            var provider = at >= 0 ? _others[at].Provider : new(issuer, ConfigurationOf(issuer), _fetcher, _time, _logger);
            if (at >= 0 || _others.Count == MaxOthers)
            {
                _others.RemoveAt(Math.Max(at, 0));
            }

            _others.Add((issuer, provider));
            return provider;
        }
    }

    /// <summary>Fetches a token that has claims.</summary>
    /// <exception cref="OpenIdException">There is none.</exception>
    public Task<string> FetchTokenAsync(string endpoint, string accessToken, CancellationToken ct) => _fetcher.GetTokenAsync(endpoint, accessToken, ct);

    public void Dispose() => _fetcher.Dispose();

    private static string ConfigurationOf(string issuer) => issuer.TrimEnd('/') + OpenIdDocuments.ConfigurationPath;
}
