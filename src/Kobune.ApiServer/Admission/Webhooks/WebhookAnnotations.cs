using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Fields;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>What the audit event says of webhooks: which changed the object and how, and which failed and were passed over. Source: k8s.io/apiserver, admission/plugin/webhook/mutating and validating, dispatcher.go.</summary>
internal static class WebhookAnnotations
{
    /// <summary>A mutating webhook was asked, whatever came of it.</summary>
    public static void Mutated(AdmissionRequest request, AdmissionWebhook hook, bool hasChanged) =>
        request.Annotated?.Invoke($"mutation.webhook.admission.k8s.io/{Place(request, hook)}", Text(hook, new() { ["mutated"] = hasChanged }));

    /// <summary>The patch of a mutating webhook was applied, whether it changed something or not.</summary>
    public static void Patched(AdmissionRequest request, AdmissionWebhook hook, JsonArray patch)
    {
        if (request.IsAuditedWithBody)
        {
            var operations = patch.Select(o => o is JsonObject operation ? new JsonObject(operation.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => KeyValuePair.Create(f.Key, f.Value?.DeepClone()))) : o?.DeepClone());
            request.Annotated?.Invoke($"patch.webhook.admission.k8s.io/{Place(request, hook)}", Text(hook, new() { ["patch"] = new JsonArray([.. operations]), ["patchType"] = "JSONPatch" }));
        }
    }

    /// <summary>A mutating webhook could not be called, and its failure policy let the request pass.</summary>
    public static void FailedOpen(AdmissionRequest request, AdmissionWebhook hook) =>
        request.Annotated?.Invoke($"failed-open.mutating.webhook.admission.k8s.io/{Place(request, hook)}", hook.Name);

    /// <summary>The same of a validating webhook, which is counted among those that mean the request.</summary>
    public static void FailedOpen(AdmissionRequest request, AdmissionWebhook hook, int index) =>
        request.Annotated?.Invoke(string.Create(CultureInfo.InvariantCulture, $"failed-open.validating.webhook.admission.k8s.io/round_0_index_{index}"), hook.Name);

    private static string Place(AdmissionRequest request, AdmissionWebhook hook) => $"round_{(request.Reinvocation.IsRunning ? 1 : 0)}_index_{hook.Place}";

    private static string Text(AdmissionWebhook hook, JsonObject rest)
    {
        var json = new JsonObject { ["configuration"] = hook.Configuration, ["webhook"] = hook.Name };
        foreach (var (name, value) in rest)
        {
            json[name] = value?.DeepClone();
        }

        return json.GoText();
    }
}
