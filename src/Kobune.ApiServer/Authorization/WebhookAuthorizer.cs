using System.Text.Json.Nodes;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Authorization.Reviews;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Requests;
using Kobune.ApiServer.Webhooks;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Authorization;

/// <summary>
/// --authorization-mode's Webhook: asks a server with a SubjectAccessReview. Answers are kept; a server that cannot be asked has no opinion.
/// Source: k8s.io/apiserver, plugin/authorizer/webhook.
/// </summary>
internal sealed partial class WebhookAuthorizer : IAuthorizer, IDisposable
{
    private const int MaxRemembered = 8192;
    private const int MaxKeptLength = 10_000;

    private readonly ReviewWebhookOptions _options;
    private readonly bool _tellsSelectors;
    private readonly ReviewClient _client;
    private readonly AnswerCache<AuthorizationResult> _answers;
    private readonly ILogger _logger;

    /// <summary>Reads the kubeconfig file, or what a pod is given.</summary>
    /// <param name="options">Which server.</param>
    /// <param name="tellsSelectors">Whether the server is told the selectors of lists.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where failures go.</param>
    /// <exception cref="FormatException">There is no file, or something is wrong with it.</exception>
    public WebhookAuthorizer(ReviewWebhookOptions options, bool tellsSelectors, TimeProvider time, ILogger<WebhookAuthorizer> logger)
    {
        _options = options.ConfigFile.Length > 0 || options.IsInCluster ? options : throw new FormatException("authorization-mode Webhook's authorization config file not passed");
        _tellsSelectors = tellsSelectors;
        _client = new(options, time);
        _answers = new(MaxRemembered, time);
        _logger = logger;
    }

    public async ValueTask<AuthorizationResult> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken ct)
    {
        var spec = AccessReviewSpec.Write(user, request, _options.Version == "v1" ? "groups" : "group", _tellsSelectors);
        var key = spec.ToJsonString();
        if (_answers.TryGet(key, out var known))
        {
            return known;
        }

        try
        {
            var status = await _client.AskAsync("authorization.k8s.io", "SubjectAccessReview", spec, ct);
            var result = Result(status);
            if (LengthOf(request) < MaxKeptLength)
            {
                _answers.Add(key, result, status.Flag("allowed") == true ? _options.CacheTime : _options.RefusalCacheTime);
            }

            return result;
        }
        catch (WebhookException e)
        {
            LogFailed(e.Message);
            return new(Decision.NoOpinion, "") { Error = e.Message };
        }
    }

    public void Dispose() => _client.Dispose();

    private static AuthorizationResult Result(JsonObject status)
    {
        var (allowed, denied, reason) = (status.Flag("allowed") == true, status.Flag("denied") == true, status.Text("reason"));
        return denied && allowed ? new(Decision.Deny, reason) { Error = "webhook subject access review returned both allow and deny response" }
            : new(denied ? Decision.Deny : allowed ? Decision.Allow : Decision.NoOpinion, reason);
    }

    // What the client chooses may be long on purpose; such questions are not kept.
    private static int LengthOf(RequestInfo request) =>
        request.Namespace.Length + request.Verb.Length + request.ApiGroup.Length + request.ApiVersion.Length + request.Resource.Length + request.Subresource.Length + request.Name.Length + request.Path.Length;

    [LoggerMessage(LogLevel.Error, "Failed to make webhook authorizer request: {Problem}")]
    private partial void LogFailed(string problem);
}
