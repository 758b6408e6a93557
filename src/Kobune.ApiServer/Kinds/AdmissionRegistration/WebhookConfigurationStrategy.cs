using System.Text.Json.Nodes;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.AdmissionRegistration;

/// <summary>Defaults of both kinds of webhook configurations (pkg/apis/admissionregistration/v1/defaults.go). <paramref name="plural"/> names the kind.</summary>
internal sealed class WebhookConfigurationStrategy(string plural) : KindStrategy
{
    public override (string Group, string Resource) Resource => ("admissionregistration.k8s.io", plural);

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
