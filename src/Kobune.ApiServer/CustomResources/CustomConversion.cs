using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>Conversion strategy None: versions differ by their name; each prunes and defaults by its own schema.</summary>
internal static class CustomConversion
{
    /// <summary>The object in the version of a schema, changed in place.</summary>
    /// <exception cref="StatusException">The versions differ by more, and only a webhook could convert.</exception>
    public static JsonObject Convert(JsonObject obj, ResourceSchema to, bool needsWebhook)
    {
        if (needsWebhook && obj.TextAt("apiVersion") != to.ApiVersion)
        {
            throw StatusErrors.InternalError($"conversion webhook for {obj.TextAt("apiVersion")}, Kind={to.Kind} failed: this server does not call conversion webhooks");
        }

        obj["apiVersion"] = to.ApiVersion;
        obj["kind"] = to.Kind;
        ObjectPruner.Prune(obj, to.Type);
        ObjectDefaults.Apply(obj, to.Type);
        return obj;
    }
}
