using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Webhooks;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Authentication.Tokens;

/// <summary>
/// Asks a webhook whose a token is, with a TokenReview. Answers are kept, failures are not; who asks for the same token at the same time shares one question.
/// Source: k8s.io/apiserver, plugin/authenticator/token/webhook and authentication/token/cache.
/// </summary>
internal sealed partial class WebhookTokenAuthenticator : ITokenAuthenticator, IDisposable
{
    private const int MaxRemembered = 8192;

    private readonly ReviewClient _client;
    private readonly AnswerCache<TokenResult?> _answers;
    private readonly ConcurrentDictionary<string, Lazy<Task<TokenResult?>>> _asked = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<string> _implicitAudiences;
    private readonly TimeSpan _cacheTime;
    private readonly ILogger _logger;

    /// <summary>Reads the kubeconfig file.</summary>
    /// <param name="options">Which server.</param>
    /// <param name="implicitAudiences">Those of tokens whose review tells none: this server's.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where failures go.</param>
    /// <exception cref="FormatException">What is wrong with the file.</exception>
    public WebhookTokenAuthenticator(ReviewWebhookOptions options, IReadOnlyList<string> implicitAudiences, TimeProvider time, ILogger<WebhookTokenAuthenticator> logger)
    {
        _client = new(options, time);
        _answers = new(MaxRemembered, time);
        _implicitAudiences = implicitAudiences;
        _cacheTime = options.CacheTime;
        _logger = logger;
    }

    public async ValueTask<TokenResult?> AuthenticateTokenAsync(string token, IReadOnlyList<string> audiences, CancellationToken ct)
    {
        var key = KeyOf(token, audiences);
        if (_answers.TryGet(key, out var known))
        {
            return known;
        }

        // The question belongs to all who wait for it: it does not end with one of their requests, only with its own patience.
        var asked = _asked.GetOrAdd(key, k => new(() => AskOnceAsync(k, token, audiences)));
        return await asked.Value.WaitAsync(ct);
    }

    public void Dispose() => _client.Dispose();

    // The token itself is not kept.
    private static string KeyOf(string token, IReadOnlyList<string> audiences) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', audiences.Prepend(token)))));

    private static UserInfo WithAuthenticated(UserInfo user) =>
        user.Name == UserNames.Anonymous || user.Groups.Contains(UserNames.Authenticated) || user.Groups.Contains(UserNames.Unauthenticated)
            ? user
            : user with { Groups = [.. user.Groups, UserNames.Authenticated] };

    private async Task<TokenResult?> AskOnceAsync(string key, string token, IReadOnlyList<string> audiences)
    {
        try
        {
            var result = await AskAsync(token, audiences);
            if (result?.Failure is null)
            {
                _answers.Add(key, result, _cacheTime);
            }

            return result;
        }
        catch (WebhookException e)
        {
            LogFailed(e.Message);
            return TokenResult.Refused(e.Message);
        }
        finally
        {
            _asked.TryRemove(key, out _);
        }
    }

    private async Task<TokenResult?> AskAsync(string token, IReadOnlyList<string> audiences)
    {
        var spec = new JsonObject { ["token"] = token };
        if (audiences.Count > 0)
        {
            spec["audiences"] = audiences.ToJsonArray();
        }

        var status = await _client.AskAsync("authentication.k8s.io", "TokenReview", spec, CancellationToken.None);
        var meant = status.Texts("audiences") is { Count: > 0 } told ? told : _implicitAudiences;
        IReadOnlyList<string> shared = [.. audiences.Where(meant.Contains)];
        if (audiences.Count > 0 && shared.Count == 0)
        {
            return null;
        }

        return status.Flag("authenticated") == true ? new(WithAuthenticated(UserInfoJson.ReadUser(status.Child("user") ?? [])), shared, null)
            : status.Text("error") is { Length: > 0 } error ? TokenResult.Refused(error)
            : null;
    }

    [LoggerMessage(LogLevel.Error, "Failed to make webhook authenticator request: {Problem}")]
    private partial void LogFailed(string problem);
}
