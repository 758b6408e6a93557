using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Webhooks;
using Microsoft.Extensions.Logging;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>
/// Asks one webhook about one request, and decides by its failure policy what an answer that did not come means. One per plugin. Source: k8s.io/apiserver,
/// admission/plugin/webhook/mutating and validating, dispatcher.go.
/// </summary>
internal sealed partial class WebhookReviewer(WebhookServices services, IMatchConditions? conditions, WebhookCredentials? credentials, bool isMutating)
{
    private readonly ILogger _logger = services.Logger;
    private readonly string _type = isMutating ? "admit" : "validating";

    /// <summary>The version that the webhook is to be shown; null when rules, selectors or conditions exempt the request.</summary>
    /// <exception cref="StatusException">404 of its namespace, 403 of conditions that cannot be evaluated.</exception>
    public async ValueTask<ServedResource?> MatchAsync(AdmissionWebhook hook, WebhookSubject subject, CancellationToken ct)
    {
        var version = await WebhookMatch.FindAsync(hook, subject, ct);
        if (version is null || hook.MatchConditions.Count == 0)
        {
            return version;
        }

        var verdict = new MatchVerdict(false, "match conditions cannot be evaluated: this server has no evaluator of CEL expressions");
        if (conditions is not null)
        {
            var objects = await subject.ShowAsync(version, isMutating, ct);
            var request = AdmissionReviews.ConditionRequest(subject, version);
            verdict = await conditions.EvaluateAsync(hook.MatchConditions, new(request, objects.Object, objects.Old, subject.Request.User), ct);
        }

        if (verdict.Error is { } error && !hook.FailsOpen)
        {
            throw StatusErrors.Forbidden(subject.Requested.Schema.Group, subject.Requested.Schema.Plural, subject.Name, error);
        }

        return verdict is { IsMatch: true, Error: null } ? version : null;
    }

    /// <summary>Runs a call; false when it failed and the webhook's failure policy lets that pass.</summary>
    /// <exception cref="StatusException">The refusal: of the webhook, of its failure, or of the server.</exception>
    public async ValueTask<bool> RunAsync(AdmissionWebhook hook, WebhookSubject subject, Func<ValueTask> call, Action failedOpen, CancellationToken ct)
    {
        var start = services.Time.GetTimestamp();
        try
        {
            await call();
            Observe(hook, subject, start, 200, null);
            return true;
        }
        catch (CallingWebhookException e)
        {
            Observe(hook, subject, start, e.Code, hook.FailsOpen ? null : "calling_webhook_error");
            var message = $"failed calling webhook \"{hook.Name}\": {e.Message}";
            if (!hook.FailsOpen)
            {
                LogFailedClosed(hook.Name, e.Message);
                throw StatusErrors.InternalError(message);
            }

            LogFailedOpen(hook.Name, e.Message);
            services.Metrics.WebhookFailedOpen(hook.Name, _type);
            failedOpen();
            ct.ThrowIfCancellationRequested();
            return false;
        }
        catch (DeniedException e)
        {
            Observe(hook, subject, start, e.Refusal.Code, "no_error");
            throw e.Refusal;
        }
        catch (StatusException)
        {
            Observe(hook, subject, start, 0, "apiserver_internal_error");
            throw;
        }
    }

    /// <summary>Asks; returns when the webhook allows the request.</summary>
    /// <exception cref="CallingWebhookException">It did not answer, or not what it should.</exception>
    /// <exception cref="DeniedException">It denies.</exception>
    /// <exception cref="StatusException">400: it may not be asked in a dry run.</exception>
    public async ValueTask<ReviewAnswer> AskAsync(AdmissionWebhook hook, WebhookSubject subject, ServedResource version, ShownObjects objects, CancellationToken ct)
    {
        if (subject.Request.DryRun && !hook.AllowsDryRun)
        {
            throw StatusErrors.BadRequest($"admission webhook \"{hook.Name}\" does not support dry run");
        }

        var reviewVersion = hook.ReviewVersion
            ?? throw new CallingWebhookException("could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)", 400);
        if (WebhookAddress.AuthoritiesProblem(hook.Address.Authorities) is { } problem)
        {
            throw new CallingWebhookException($"could not get REST client: {problem}", 500);
        }

        var uid = Guid.NewGuid().ToString();
        var body = AdmissionReviews.Write(AdmissionReviews.Request(subject, version, uid), objects, subject.Request.Options, reviewVersion);
        ReviewAnswer answer;
        try
        {
            answer = AdmissionReviews.Read(await services.Caller.PostAsync(hook.Address, body, hook.Timeout, credentials?.For(hook.Address), ct), reviewVersion, uid, isMutating);
        }
        catch (WebhookException e)
        {
            throw new CallingWebhookException($"failed to call webhook: {e.Message}", e.Code);
        }
        catch (FormatException e)
        {
            throw new CallingWebhookException($"received invalid webhook response: {e.Message}", 503);
        }

        foreach (var warning in answer.Warnings)
        {
            subject.Warn(warning);
        }

        foreach (var (key, value) in answer.AuditAnnotations)
        {
            subject.Request.Annotated?.Invoke($"{hook.Name}/{key}", value);
        }

        return answer.IsAllowed ? answer : throw new DeniedException(AdmissionReviews.Denial(hook.Name, answer.Result));
    }

    private void Observe(AdmissionWebhook hook, WebhookSubject subject, long start, int code, string? rejection)
    {
        if (rejection is not null)
        {
            services.Metrics.WebhookRejected(hook.Name, _type, subject.Operation, rejection, code);
        }

        services.Metrics.WebhookAsked(hook.Name, _type, subject.Operation, rejection is not null, code, services.Time.GetElapsedTime(start));
    }

    [LoggerMessage(LogLevel.Warning, "Webhook {Name} could not be called, and the request goes on: {Reason}")]
    private partial void LogFailedOpen(string name, string reason);

    [LoggerMessage(LogLevel.Warning, "Webhook {Name} could not be called, and the request is refused: {Reason}")]
    private partial void LogFailedClosed(string name, string reason);
}

/// <summary>A webhook could not be asked; its failure policy says what that means.</summary>
internal sealed class CallingWebhookException(string reason, int code) : Exception(reason)
{
    /// <summary>HTTP status that it counts as.</summary>
    public int Code { get; } = code;
}

/// <summary>A webhook denies the request.</summary>
internal sealed class DeniedException(StatusException refusal) : Exception(refusal.Message)
{
    /// <summary>What the client is told.</summary>
    public StatusException Refusal { get; } = refusal;
}
