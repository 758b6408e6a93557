using Kobune.ApiServer.Authentication.OpenId;
using Kobune.ApiServer.Configuration;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Authentication.Configuration;

/// <summary>
/// --authentication-config: the issuers of a file, and whom it lets come without a credential. The issuers may change with the file, the latter not. Connections to issuers of a file that has
/// gone end with the server.
/// </summary>
internal sealed class ConfiguredTokens : ITokenAuthenticator, IDisposable
{
    private readonly IReadOnlyList<string> _apiAudiences;
    private readonly bool _isAnonymousByFlag;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly List<IDisposable> _owned = [];
    private readonly ReloadedFile<TokenAuthenticators> _file;
    private AuthenticationSetting? _first;

    /// <param name="path">The file.</param>
    /// <param name="minor">The release whose CEL it uses.</param>
    /// <param name="ownIssuer">Of service account tokens.</param>
    /// <param name="apiAudiences">The server's audiences.</param>
    /// <param name="isAnonymousByFlag">Whether --anonymous-auth is set, so that the file may say nothing about it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where failures are told.</param>
    /// <param name="metrics">Where it is counted how often the file was read again; null for nowhere.</param>
    /// <exception cref="FormatException">The file, and what is wrong with it.</exception>
    public ConfiguredTokens(string path, int minor, string ownIssuer, IReadOnlyList<string> apiAudiences, bool isAnonymousByFlag, TimeProvider time, ILoggerFactory loggers, ReloadMetrics? metrics = null)
    {
        (_apiAudiences, _isAnonymousByFlag, _time, _loggers) = (apiAudiences, isAnonymousByFlag, time, loggers);
        _file = new(
            path,
            $"failed to load authentication configuration from file \"{path}\"",
            text => IssuersOf(AuthenticationFile.Parse(text, minor, ownIssuer)),
            time,
            loggers.CreateLogger<ConfiguredTokens>(),
            metrics);
    }

    public ValueTask<TokenResult?> AuthenticateTokenAsync(string token, IReadOnlyList<string> audiences, CancellationToken ct) => _file.Current.AuthenticateTokenAsync(token, audiences, ct);

    /// <summary>Whether a path may be asked for without a credential, where the file says something about it.</summary>
    public bool? AllowsAnonymous(string path) => _first?.Anonymous?.Allows(path);

    public void Dispose()
    {
        lock (_owned)
        {
            _owned.ForEach(o => o.Dispose());
        }
    }

    private TokenAuthenticators IssuersOf(AuthenticationSetting setting)
    {
        CheckAnonymous(setting);
        var issuers = new List<ITokenAuthenticator>();
        foreach (var jwt in setting.Jwt)
        {
            var providers = new OpenIdProviders(jwt.Issuer, _time, _loggers.CreateLogger<OpenIdProvider>());
            lock (_owned)
            {
                _owned.Add(providers);
            }

            issuers.Add(new MappedTokenAuthenticator(jwt, providers, _apiAudiences, _time));
        }

        return new(issuers);
    }

    private void CheckAnonymous(AuthenticationSetting setting)
    {
        if (_isAnonymousByFlag && setting.Anonymous is not null)
        {
            throw new FormatException("anonymous: Forbidden: --anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file");
        }

        _first ??= setting;
        if (!AnonymousSetting.AreSame(_first.Anonymous, setting.Anonymous))
        {
            throw new FormatException("anonymous: Forbidden: changed from initial configuration file");
        }
    }
}
