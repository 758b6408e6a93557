using System.Text.Json.Nodes;
using Kobune.Api.Json;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Requests;

namespace Kobune.ApiServer.Admission.Webhooks;

/// <summary>The options of a request as webhooks are shown them (CreateOptions, UpdateOptions, DeleteOptions of meta.k8s.io/v1).</summary>
internal static class ShownOptions
{
    private const string ApiVersion = "meta.k8s.io/v1";

    public static JsonObject? Of(AdmissionOperation operation, WriteOptions options)
    {
        if (operation is AdmissionOperation.Connect)
        {
            return null;
        }

        var shown = Start($"{operation}Options");
        if (options.DryRun)
        {
            shown["dryRun"] = new JsonArray("All");
        }

        if (operation != AdmissionOperation.Delete && options.FieldManager.Length > 0)
        {
            shown["fieldManager"] = options.FieldManager;
        }

        if (operation != AdmissionOperation.Delete && options.GivenFieldValidation.Length > 0)
        {
            shown["fieldValidation"] = options.GivenFieldValidation;
        }

        return shown;
    }

    public static JsonObject Of(DeleteOptions options)
    {
        var shown = Start("DeleteOptions");
        foreach (var (name, value) in (JsonObject)JsonNode.Parse(JsonText.Bytes(options))!)
        {
            if (name is not ("kind" or "apiVersion"))
            {
                shown[name] = value?.DeepClone();
            }
        }

        return shown;
    }

    private static JsonObject Start(string kind) => new() { ["kind"] = kind, ["apiVersion"] = ApiVersion };
}
