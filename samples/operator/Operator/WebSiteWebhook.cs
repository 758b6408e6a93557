using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Operator;

/// <summary>The validating webhook: an image must name its version, since "latest" of today is not that of tomorrow.</summary>
public static class WebSiteWebhook
{
    public const string Path = "/validate-websites";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost(Path, AnswerAsync);

    /// <summary>Why a site is refused; null when it is not. Pure.</summary>
    public static string? Problem(WebSiteSpec spec)
    {
        var name = spec.Image[(spec.Image.LastIndexOf('/') + 1)..];
        return name.Contains('@', StringComparison.Ordinal) || (name.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon && name[(colon + 1)..] is not ("" or "latest"))
            ? null
            : $"spec.image: \"{spec.Image}\" names no version";
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        var review = await JsonSerializer.DeserializeAsync<JsonObject>(context.Request.Body, cancellationToken: context.RequestAborted);
        var request = review!["request"]!;
        var problem = request["object"]?["spec"].Deserialize<WebSiteSpec>() is { } spec ? Problem(spec) : null;
        var response = new JsonObject { ["uid"] = request["uid"]!.DeepClone(), ["allowed"] = problem is null };
        if (problem is not null)
        {
            response["status"] = new JsonObject { ["code"] = 422, ["reason"] = "Invalid", ["message"] = problem };
        }

        await context.Response.WriteAsJsonAsync(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response }, context.RequestAborted);
    }
}
