using System.Text.Json.Nodes;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Fields;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;
using Kobune.ApiServer.Webhooks;

namespace Kobune.ApiServer.CustomResources;

/// <summary>The conversion webhook of a CustomResourceDefinition. Source: k8s.io/apiextensions-apiserver, apiserver/conversion/webhook_converter.go.</summary>
internal sealed class ConversionWebhook(WebhookCaller caller, WebhookAddress address, IReadOnlyList<string> reviewVersions)
{
    private const string Group = "apiextensions.k8s.io";

    // Fixed in upstream, too.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private readonly string? _reviewVersion = reviewVersions.FirstOrDefault(v => v is "v1" or "v1beta1");

    /// <summary>What spec.conversion says; null for strategy None.</summary>
    public static ConversionWebhook? Of(JsonObject? conversion, WebhookCaller caller) => conversion.Text("strategy") == "Webhook" && conversion.Child("webhook") is { } webhook
        ? new(caller, WebhookAddress.Of(webhook.Child("clientConfig")), webhook.Texts("conversionReviewVersions"))
        : null;

    /// <summary>The objects, which may be of several versions, in another version and in the same order.</summary>
    /// <exception cref="StatusException">500: the webhook fails, or answers with other objects than those that it was given.</exception>
    public async ValueTask<IReadOnlyList<JsonObject>> ConvertAsync(IReadOnlyList<JsonObject> objects, string apiVersion, CancellationToken ct)
    {
        if (_reviewVersion is null)
        {
            throw Failure("no supported conversion review versions");
        }

        var subject = $"conversion webhook for {objects[0].Text("apiVersion")}, Kind={objects[0].Text("kind")}{(objects.Count > 1 ? "List" : "")}";
        var converted = await AskAsync(objects, apiVersion, subject, ct);
        if (converted.Count != objects.Count)
        {
            throw Failure($"{subject} returned {converted.Count} objects, expected {objects.Count}");
        }

        for (var i = 0; i < objects.Count; i++)
        {
            try
            {
                ConvertedObjects.Check(objects[i], converted[i], apiVersion);
            }
            catch (FormatException e)
            {
                throw Failure(objects.Count > 1 ? $"{subject} returned invalid converted object at index {i}: {e.Message}" : $"{subject} returned invalid object: {e.Message}");
            }

            try
            {
                ConvertedObjects.RestoreMetadata(objects[i], converted[i]!);
            }
            catch (FormatException e)
            {
                throw Failure(objects.Count > 1 ? $"{subject} returned invalid metadata in object at index {i}: {e.Message}" : $"{subject} returned invalid metadata: {e.Message}");
            }
        }

        return converted!;
    }

    private async ValueTask<IReadOnlyList<JsonObject?>> AskAsync(IReadOnlyList<JsonObject> objects, string apiVersion, string subject, CancellationToken ct)
    {
        var uid = Guid.NewGuid().ToString();
        var request = new JsonObject
        {
            ["uid"] = uid,
            ["desiredAPIVersion"] = apiVersion,
            ["objects"] = new JsonArray([.. objects.Select(o => o.DeepClone())]),
        };
        var review = new JsonObject { ["kind"] = "ConversionReview", ["apiVersion"] = $"{Group}/{_reviewVersion}", ["request"] = request };
        try
        {
            return Read(await caller.PostAsync(address, FieldJson.Write(review), Timeout, null, ct), uid);
        }
        catch (Exception e) when (e is WebhookException or FormatException)
        {
            throw Failure($"{subject} failed: {e.Message}");
        }
    }

    /// <summary>A v1beta1 review is not asked for kind and UID.</summary>
    private IReadOnlyList<JsonObject?> Read(JsonObject review, string uid)
    {
        var (apiVersion, kind) = (review.Text("apiVersion"), review.Text("kind"));
        if (_reviewVersion == "v1" && (apiVersion != $"{Group}/v1" || kind != "ConversionReview"))
        {
            throw new FormatException($"expected webhook response of {Group}/v1, Kind=ConversionReview, got {apiVersion}, Kind={kind}");
        }

        var response = review.Child("response") ?? throw new FormatException("no response provided");
        if (_reviewVersion == "v1" && response.Text("uid") != uid)
        {
            throw new FormatException($"expected response.uid=\"{uid}\", got \"{response.Text("uid")}\"");
        }

        var result = response.Child("result");
        return result.Text("status") == "Success" ? [.. (response.Array("convertedObjects") ?? []).Select(o => o?.DeepClone() as JsonObject)]
            : throw new FormatException(result.Text("message") is { Length: > 0 } message ? message : $"response.result.status was '{result.Text("status")}', not 'Success'");
    }

    // An error without reason, as upstream's servers tell what is no API error.
    private static StatusException Failure(string message) => StatusErrors.Of(500, "", message);
}
