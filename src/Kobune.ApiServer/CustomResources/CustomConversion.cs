using System.Text.Json.Nodes;
using Kobune.Api.Schema;
using Kobune.Api.Schema.Custom;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.CustomResources;

/// <summary>
/// Conversion between the versions of a custom kind. Without a webhook versions differ by their name alone (strategy None); with one, it converts. Each version prunes and
/// defaults by its own schema afterwards.
/// </summary>
internal sealed class CustomConversion(ConversionWebhook? webhook)
{
    /// <summary>Strategy None.</summary>
    public static CustomConversion None { get; } = new(null);

    /// <summary>Whether there is a webhook.</summary>
    public bool HasWebhook => webhook is not null;

    /// <summary>Whether a webhook has to be asked for an object of <paramref name="apiVersion"/>.</summary>
    public bool NeedsCall(string apiVersion, ResourceSchema to) => webhook is not null && apiVersion != to.ApiVersion;

    /// <summary>The object in the version of a schema, changed in place; only where no call is needed.</summary>
    public JsonObject Convert(JsonObject obj, ResourceSchema to)
    {
        if (NeedsCall(obj.TextAt("apiVersion"), to))
        {
            throw StatusErrors.InternalError($"{obj.TextAt("apiVersion")} {to.Kind} is read as {to.ApiVersion} without its conversion webhook");
        }

        obj["apiVersion"] = to.ApiVersion;
        obj["kind"] = to.Kind;
        CustomCoercion.Apply(obj, to.Type, null);
        ObjectDefaults.Apply(obj, to.Type);
        return obj;
    }

    /// <summary>The objects in the version of a schema, in their order; all that need it in one call of the webhook.</summary>
    /// <exception cref="StatusException">500: the webhook fails, in upstream's words.</exception>
    public async ValueTask<IReadOnlyList<JsonObject>> ConvertAsync(IReadOnlyList<JsonObject> objects, ResourceSchema to, CancellationToken ct)
    {
        var result = objects.ToArray();
        int[] wanted = [.. Enumerable.Range(0, result.Length).Where(i => NeedsCall(result[i].TextAt("apiVersion"), to))];
        if (wanted.Length > 0)
        {
            var converted = await webhook!.ConvertAsync([.. wanted.Select(i => result[i])], to.ApiVersion, ct);
            for (var i = 0; i < wanted.Length; i++)
            {
                result[wanted[i]] = converted[i];
            }
        }

        return [.. result.Select(obj => Convert(obj, to))];
    }
}
