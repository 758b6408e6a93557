using System.Text.Json.Nodes;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.Api.Patches;
using Kobune.Api.Schema;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Webhooks;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>Asks the webhooks of MutatingWebhookConfigurations, one after the other, and patches the object as they say (upstream's plugin MutatingAdmissionWebhook).</summary>
internal sealed class MutatingAdmissionWebhook(IMatchConditions? conditions = null, WebhookCredentials? credentials = null) : IMutatingAdmission, IWebhookAdmission
{
    private readonly AdmissionWebhooks<MutatingWebhookConfiguration> _hooks = new(AdmissionWebhook.Of);
    private WebhookServices? _services;
    private WebhookReviewer? _reviewer;

    public string Name => "MutatingAdmissionWebhook";

    public void Attach(WebhookServices services) => (_services, _reviewer) = (services, new(services, conditions, credentials, isMutating: true));

    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (_services is null || request.SkipsWebhooks || _hooks.Current(request.Objects) is not { Count: > 0 } hooks || WebhookSubject.Of(request, _services.Registry, isFinished: false) is not { } subject)
        {
            return;
        }

        var rounds = request.Reinvocation;
        rounds.Begin(request);
        foreach (var hook in hooks)
        {
            if (await _reviewer!.MatchAsync(hook, subject, ct) is { } version && rounds.Calls(hook.Uid))
            {
                await AskAsync(hook, subject, version, ct);
            }
        }

        rounds.End(request);
    }

    private async ValueTask AskAsync(AdmissionWebhook hook, WebhookSubject subject, ServedResource version, CancellationToken ct)
    {
        var hasChanged = false;
        var shown = await subject.ShowAsync(version, isUnfinished: true, ct);
        await _reviewer!.RunAsync(hook, subject, async () =>
        {
            try
            {
                hasChanged = await PatchAsync(hook, subject, version, shown.Object, await _reviewer.AskAsync(hook, subject, version, shown, ct), ct);
            }
            finally
            {
                WebhookAnnotations.Mutated(subject.Request, hook, hasChanged);
            }
        }, () => WebhookAnnotations.FailedOpen(subject.Request, hook), ct);
        if (hasChanged)
        {
            subject.Request.Reinvocation.Changed();
        }

        if (hook.IsReinvocable)
        {
            subject.Request.Reinvocation.Called(hook.Uid);
        }
    }

    private static async ValueTask<bool> PatchAsync(AdmissionWebhook hook, WebhookSubject subject, ServedResource version, JsonObject? shown, ReviewAnswer answer, CancellationToken ct)
    {
        if (answer.Patch.Length == 0 || Decode(answer.Patch) is not { Count: > 0 } patch)
        {
            return false;
        }

        if (shown is null)
        {
            throw StatusErrors.InternalError($"admission webhook \"{hook.Name}\" attempted to modify the object, which is not supported for this operation");
        }

        if (answer.PatchType != "JSONPatch")
        {
            throw new CallingWebhookException($"unsupported patch type \"{answer.PatchType}\"", 400);
        }

        try
        {
            var hasChanged = await subject.TakeAsync(version, shown, JsonPatch.Apply((JsonObject)shown.DeepClone(), patch), ct);
            WebhookAnnotations.Patched(subject.Request, hook, patch);
            return hasChanged;
        }
        catch (PatchException e)
        {
            throw StatusErrors.InternalError(e.Message);
        }
    }

    private static JsonArray Decode(ReadOnlyMemory<byte> patch)
    {
        try
        {
            return ObjectReader.ReadAny(ObjectReader.Parse(patch.Span)) as JsonArray
                ?? throw new CallingWebhookException("received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch", 503);
        }
        catch (ObjectDecodeException e)
        {
            throw new CallingWebhookException($"received undecodable patch in webhook response: {e.Message}", 503);
        }
    }
}
