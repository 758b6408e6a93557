using System.Text;
using System.Text.Json;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>What the audit event says of webhooks: which changed the object and how, and which failed and were passed over. Source: k8s.io/apiserver, admission/plugin/webhook/mutating and validating, dispatcher.go.</summary>
internal static class WebhookAnnotations
{
    private static readonly JsonWriterOptions Options = Api.Json.JsonText.WriterOptions;

    /// <summary>A mutating webhook was called.</summary>
    public static void Mutated(AdmissionRequest request, AdmissionWebhook hook, bool hasChanged, ReadOnlyMemory<byte> patch)
    {
        if (request.Annotated is not { } annotated)
        {
            return;
        }

        annotated($"mutation.webhook.admission.k8s.io/{Place(request, hook)}", Text(hook, w => w.WriteBoolean("mutated"u8, hasChanged)));
        if (hasChanged && request.IsAuditedWithBody)
        {
            annotated($"patch.webhook.admission.k8s.io/{Place(request, hook)}", Text(hook, w =>
            {
                w.WritePropertyName("patch"u8);
                w.WriteRawValue(patch.Span);
                w.WriteString("patchType"u8, "JSONPatch"u8);
            }));
        }
    }

    /// <summary>A webhook could not be called, and its failure policy let the request pass.</summary>
    public static void FailedOpen(AdmissionRequest request, AdmissionWebhook hook, bool isMutating) =>
        request.Annotated?.Invoke($"failed-open.{(isMutating ? "mutating" : "validating")}.webhook.admission.k8s.io/{Place(request, hook)}", hook.Name);

    private static string Place(AdmissionRequest request, AdmissionWebhook hook) => $"round_{(request.Reinvocation.IsRunning ? 1 : 0)}_index_{hook.Place}";

    private static string Text(AdmissionWebhook hook, Action<Utf8JsonWriter> rest)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var w = new Utf8JsonWriter(buffer, Options))
        {
            w.WriteStartObject();
            w.WriteString("configuration"u8, hook.Configuration);
            w.WriteString("webhook"u8, hook.Name);
            rest(w);
            w.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
