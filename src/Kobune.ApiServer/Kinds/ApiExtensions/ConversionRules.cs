using System.Text;
using System.Text.Json.Nodes;
using Kobune.ApiServer.Kinds.AdmissionRegistration;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Webhooks;

namespace Kobune.ApiServer.Kinds.ApiExtensions;

/// <summary>How versions become one another. Paths are those of upstream's internal type, which its messages show. Source: k8s.io/apiextensions-apiserver, apis/apiextensions/validation.</summary>
internal static class ConversionRules
{
    private const string Versions = "spec.conversion.conversionReviewVersions";
    private const string Client = "spec.conversion.webhookClientConfig";
    private const string OnlyWebhook = "should not be set when strategy is not set to Webhook";

    /// <summary>Checks a conversion.</summary>
    /// <param name="conversion">The one that is asked for.</param>
    /// <param name="old">The one before: what was wrong there stays allowed.</param>
    /// <param name="isEstablished">The definition was in use before; until then authorities may be anything.</param>
    /// <param name="errors">Takes the problems.</param>
    public static void Validate(JsonObject? conversion, JsonObject? old, bool isEstablished, FieldErrors errors)
    {
        var strategy = conversion.TextAt("strategy");
        errors.OneOf("spec.conversion.strategy", strategy, "None", "Webhook");
        var webhook = conversion?["webhook"] as JsonObject;
        var config = webhook?["clientConfig"] as JsonObject;
        string[] versions = [.. webhook.TextsAt("conversionReviewVersions")];
        if (strategy != "Webhook")
        {
            if (config is not null)
            {
                errors.Forbidden(Client, OnlyWebhook);
            }

            if (versions.Length > 0)
            {
                errors.Forbidden(Versions, OnlyWebhook);
            }

            return;
        }

        if (config is null)
        {
            errors.Required(Client, "required when strategy is set to Webhook");
        }
        else
        {
            Config(config, old?["webhook"]?["clientConfig"] as JsonObject, isEstablished, errors);
        }

        if (versions.Length == 0)
        {
            errors.Required(Versions, "");
        }
        else
        {
            string[] before = [.. (old?["webhook"] as JsonObject).TextsAt("conversionReviewVersions")];
            ClientRules.Versions(versions, Versions, allowsUnknown: before.Length > 0 && !before.Any(v => v is "v1" or "v1beta1"), errors);
        }
    }

    private static void Config(JsonObject config, JsonObject? old, bool isEstablished, FieldErrors errors)
    {
        var service = config["service"] as JsonObject;
        if ((config["url"] is null) == (service is null))
        {
            errors.Required(Client, "exactly one of url or service is required");
        }
        else if (service is null)
        {
            ClientRules.Url(config.TextAt("url"), $"{Client}.url", errors);
        }
        else
        {
            ClientRules.Service(service.TextAt("namespace"), service.TextAt("name"), service["path"] is null ? null : service.TextAt("path"), service.NumberAt("port") ?? 443, $"{Client}.service", errors);
        }

        if (isEstablished && Problem(old) is null && Problem(config) is { } problem)
        {
            errors.Invalid($"{Client}.caBundle", config.TextAt("caBundle"), problem);
        }
    }

    private static string? Problem(JsonObject? config) =>
        config.TextAt("caBundle") is { Length: > 0 } bundle ? WebhookAddress.AuthoritiesProblem(Encoding.UTF8.GetString(Convert.FromBase64String(bundle))) : null;
}
