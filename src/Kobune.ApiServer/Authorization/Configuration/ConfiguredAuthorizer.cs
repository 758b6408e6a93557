using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Requests;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Authorization.Configuration;

/// <summary>
/// --authorization-config: the authorizers of a file, which is read again when it has changed. A file that cannot be used leaves those of the one before. Nothing watches it: who is asked
/// looks at its time now and then. Source: kubernetes/pkg/kubeapiserver, authorizer/reload.go.
/// </summary>
internal sealed partial class ConfiguredAuthorizer : IAuthorizer, IDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly int _minor;
    private readonly Func<AuthorizerSetting, IAuthorizer> _make;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<IDisposable> _owned = [];
    private volatile AuthorizerChain _chain;
    private string _text;
    private long _looked;

    /// <summary>Reads the file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="minor">The release whose CEL it uses.</param>
    /// <param name="make">Makes one authorizer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where a file that cannot be used is told.</param>
    /// <exception cref="FormatException">The file, and what is wrong with it.</exception>
    public ConfiguredAuthorizer(string path, int minor, Func<AuthorizerSetting, IAuthorizer> make, TimeProvider time, ILogger<ConfiguredAuthorizer> logger)
    {
        (_path, _minor, _make, _time, _logger) = (path, minor, make, time, logger);
        try
        {
            _text = File.ReadAllText(path);
            _chain = ChainOf(_text);
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"failed to load AuthorizationConfiguration from file {path}: {e.Message}");
        }

        _looked = time.GetUtcNow().UtcTicks;
    }

    public ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct)
    {
        var (looked, now) = (Volatile.Read(ref _looked), _time.GetUtcNow().UtcTicks);
        if (now - looked >= LookAgain.Ticks && Interlocked.CompareExchange(ref _looked, now, looked) == looked)
        {
            Reload();
        }

        return _chain.AuthorizeAsync(user, request, ct);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _owned.ForEach(o => o.Dispose());
        }
    }

    private void Reload()
    {
        try
        {
            var text = File.ReadAllText(_path);
            lock (_gate)
            {
                if (text == _text)
                {
                    return;
                }

                _text = text; // also of a file that cannot be used: it is told once
                _chain = ChainOf(text);
            }

            LogReloaded(_path);
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            LogKept(_path, e.Message);
        }
    }

    /// <summary>Webhooks of a file that has gone answer what they were asked before; they go with the server.</summary>
    private AuthorizerChain ChainOf(string text)
    {
        var authorizers = AuthorizationFile.Parse(text, _minor).Select(_make).ToList();
        _owned.AddRange(authorizers.OfType<IDisposable>());
        return new(authorizers);
    }

    [LoggerMessage(LogLevel.Information, "The authorizers of {File} are in force")]
    private partial void LogReloaded(string file);

    [LoggerMessage(LogLevel.Error, "The authorizers stay as they are: {File} cannot be used: {Problem}")]
    private partial void LogKept(string file, string problem);
}
