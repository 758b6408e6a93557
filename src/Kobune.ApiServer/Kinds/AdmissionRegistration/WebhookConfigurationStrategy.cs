using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.AdmissionRegistration.V1;
using Kobune.ApiServer.Admission.Webhooks;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.AdmissionRegistration;

/// <summary>Defaults and validation of both kinds of webhook configurations (pkg/apis/admissionregistration/v1/defaults.go and validation). <paramref name="plural"/> names the kind;
/// without <paramref name="conditions"/> the expressions of match conditions are not compiled.</summary>
internal sealed class WebhookConfigurationStrategy(string plural, IMatchConditions? conditions = null) : KindStrategy
{
    public override (string Group, string Resource) Resource => ("admissionregistration.k8s.io", plural);

    public override void Validate(EncodedObject obj, FieldErrors errors) => WebhookRules.Validate(Webhooks(obj), WebhookLeniency.None, conditions, errors);

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var hooks = Webhooks(obj);
        WebhookRules.Validate(hooks, WebhookLeniency.Of(Webhooks(old), hooks), conditions, errors);
    }

    private IReadOnlyList<WebhookFields> Webhooks(EncodedObject obj) => plural == "mutatingwebhookconfigurations"
        ? [.. obj.Read<MutatingWebhookConfiguration>().Webhooks.Select(WebhookFields.Of)]
        : [.. obj.Read<ValidatingWebhookConfiguration>().Webhooks.Select(WebhookFields.Of)];

    public override void ApplyDefaults(JsonObject obj)
    {
        foreach (var hook in obj.Items("webhooks"))
        {
            hook.Default("failurePolicy", "Fail");
            hook.Default("matchPolicy", "Equivalent");
            hook.Need("namespaceSelector");
            hook.Need("objectSelector");
            hook.Default("timeoutSeconds", 10);
            hook.Child("clientConfig", "service")?.Default("port", 443);
            if (plural == "mutatingwebhookconfigurations")
            {
                hook.Default("reinvocationPolicy", "Never");
            }

            foreach (var rule in hook.Items("rules"))
            {
                rule.Default("scope", "*");
            }
        }
    }
}
