using Kobune.Api.AdmissionRegistration.V1;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Webhooks;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>Asks all webhooks of ValidatingWebhookConfigurations that a request concerns, at once, and refuses with the first refusal (upstream's plugin ValidatingAdmissionWebhook).</summary>
internal sealed class ValidatingAdmissionWebhook(IMatchConditions? conditions = null, WebhookCredentials? credentials = null) : IValidatingAdmission, IWebhookAdmission
{
    private readonly AdmissionWebhooks<ValidatingWebhookConfiguration> _hooks = new(AdmissionWebhook.Of);
    private WebhookServices? _services;
    private WebhookReviewer? _reviewer;

    public string Name => "ValidatingAdmissionWebhook";

    public void Attach(WebhookServices services) => (_services, _reviewer) = (services, new(services, conditions, credentials, isMutating: false));

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (_services is null || request.SkipsWebhooks || _hooks.Current(request.Objects) is not { Count: > 0 } hooks || WebhookSubject.Of(request, _services.Registry, isFinished: true) is not { } subject)
        {
            return;
        }

        var objects = new Dictionary<ServedResource, ShownObjects>();
        var wanted = new List<(AdmissionWebhook Hook, ServedResource Version)>();
        foreach (var hook in hooks)
        {
            if (await _reviewer!.MatchAsync(hook, subject, ct) is { } version)
            {
                wanted.Add((hook, version));
                objects.TryAdd(version, objects.GetValueOrDefault(version) ?? await subject.ShowAsync(version, isUnfinished: false, ct));
            }
        }

        var answers = await Task.WhenAll(wanted.Select((w, i) => AskAsync(w.Hook, i, subject, w.Version, objects[w.Version], ct)));
        if (Array.Find(answers, a => a is not null) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>The refusal; null for none. All webhooks are asked to the end, as upstream does, so none is thrown.</summary>
    private async Task<StatusException?> AskAsync(AdmissionWebhook hook, int index, WebhookSubject subject, ServedResource version, ShownObjects objects, CancellationToken ct)
    {
        try
        {
            await _reviewer!.RunAsync(hook, subject, async () => await _reviewer.AskAsync(hook, subject, version, objects, ct), () => WebhookAnnotations.FailedOpen(subject.Request, hook, index), ct);
            return null;
        }
        catch (StatusException e)
        {
            return e;
        }
    }
}
