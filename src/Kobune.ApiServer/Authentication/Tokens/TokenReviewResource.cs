using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Authentication.Tokens;

/// <summary>tokenreviews: tells whose a token is.</summary>
public sealed class TokenReviewResource(ITokenAuthenticator tokens, IReadOnlyList<string> apiAudiences) : IVirtualResource
{
    /// <inheritdoc/>
    public ResourceDescriptor Resource { get; } = new("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", Namespaced: false);

    /// <inheritdoc/>
    public async ValueTask<JsonObject> CreateAsync(VirtualCreate request, CancellationToken ct)
    {
        var body = request.Body;
        var token = body.Child("spec").Text("token");
        if (token.Length == 0)
        {
            throw StatusErrors.BadRequest("token is required for TokenReview in authentication");
        }

        // Askers that know nothing of audiences stand for the API server itself; they are not told which audience matched.
        var asked = body.Child("spec").Texts("audiences");
        var result = await tokens.AuthenticateTokenAsync(token, asked.Count > 0 ? asked : apiAudiences, ct);
        body["status"] = result switch
        {
            { User: { } user } => Known(user, asked.Count > 0 ? result.Audiences : apiAudiences),
            { Failure: { } failure } => new JsonObject { ["user"] = new JsonObject(), ["error"] = $"[invalid bearer token, {failure}]" },
            _ => new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token" },
        };
        return body;
    }

    private static JsonObject Known(UserInfo user, IReadOnlyList<string> audiences) =>
        new() { ["authenticated"] = true, ["user"] = UserInfoJson.Write(user), ["audiences"] = audiences.ToJsonArray() };
}
