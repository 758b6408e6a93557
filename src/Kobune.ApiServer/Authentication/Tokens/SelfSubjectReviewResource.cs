using System.Globalization;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Authentication.Tokens;

/// <summary>selfsubjectreviews: tells the asker who it is (kubectl auth whoami).</summary>
public sealed class SelfSubjectReviewResource(TimeProvider time) : IVirtualResource
{
    /// <inheritdoc/>
    public ResourceDescriptor Resource { get; } = new("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", Namespaced: false);

    /// <inheritdoc/>
    public ValueTask<JsonObject> CreateAsync(VirtualCreate request, CancellationToken ct)
    {
        var body = request.Body;
        body.Need("metadata")["creationTimestamp"] = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        body["status"] = new JsonObject { ["userInfo"] = UserInfoJson.Write(request.User) };
        return new(body);
    }
}
