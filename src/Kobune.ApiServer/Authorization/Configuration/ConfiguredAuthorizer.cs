using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Configuration;
using Kobune.ApiServer.Requests;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Authorization.Configuration;

/// <summary>--authorization-config: the authorizers of a file, in its order. Webhooks of a file that has gone answer what they were asked before; they go with the server.</summary>
internal sealed class ConfiguredAuthorizer : IAuthorizer, IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly ReloadedFile<AuthorizerChain> _file;

    /// <param name="path">The file.</param>
    /// <param name="minor">The release whose CEL it uses.</param>
    /// <param name="make">Makes one authorizer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where a file that cannot be used is told.</param>
    /// <param name="metrics">Where it is counted how often the file was read again; null for nowhere.</param>
    /// <exception cref="FormatException">The file, and what is wrong with it.</exception>
    public ConfiguredAuthorizer(string path, int minor, Func<AuthorizerSetting, IAuthorizer> make, TimeProvider time, ILogger<ConfiguredAuthorizer> logger, ReloadMetrics? metrics = null) =>
        _file = new(path, $"failed to load AuthorizationConfiguration from file {path}", text => ChainOf(AuthorizationFile.Parse(text, minor), make), time, logger, metrics);

    public ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct) => _file.Current.AuthorizeAsync(user, request, ct);

    public void Dispose()
    {
        lock (_owned)
        {
            _owned.ForEach(o => o.Dispose());
        }
    }

    private AuthorizerChain ChainOf(IReadOnlyList<AuthorizerSetting> settings, Func<AuthorizerSetting, IAuthorizer> make)
    {
        var authorizers = settings.Select(make).ToList();
        lock (_owned)
        {
            _owned.AddRange(authorizers.OfType<IDisposable>());
        }

        return new(authorizers);
    }
}
