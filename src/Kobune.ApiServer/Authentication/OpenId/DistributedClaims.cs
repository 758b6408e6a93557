using System.Text.Json;

namespace Kobune.ApiServer.Authentication.OpenId;

/// <summary>
/// A claim that a token does not have but names the place of: "_claim_names" says which source has it, "_claim_sources" where that is; the answer is a token of its own, whose issuer must
/// have signed it. Claims that lie in the token itself (JWT) are not taken apart, as upstream does not. Source: OpenID Connect Core 1.0, 5.6.2, and k8s.io/apiserver, plugin/authenticator/token/oidc.
/// </summary>
internal static class DistributedClaims
{
    private const string Names = "_claim_names";
    private const string Sources = "_claim_sources";

    /// <summary>Where the claim is fetched; null when the token has it, or names no place.</summary>
    /// <exception cref="OpenIdException">The token contradicts itself.</exception>
    public static (string Endpoint, string AccessToken)? Find(IdTokenClaims claims, string claim)
    {
        if (claims.Has(claim) || claims.Find(Names) is not { } names)
        {
            return null;
        }

        if (names.ValueKind != JsonValueKind.Object || names.EnumerateObject().Any(n => n.Value.ValueKind != JsonValueKind.String))
        {
            throw new OpenIdException("oidc: error parsing distributed claim names: json: cannot unmarshal it into Go value of type map[string]string");
        }

        if (claims.Find(Sources) is not { } sources)
        {
            throw new OpenIdException("oidc: no claim sources");
        }

        if (sources.ValueKind != JsonValueKind.Object || sources.EnumerateObject().Any(s => s.Value.ValueKind != JsonValueKind.Object))
        {
            throw new OpenIdException("oidc: could not parse claim sources: json: cannot unmarshal it into Go value of type map[string]oidc.endpoint");
        }

        if (!names.TryGetProperty(claim, out var name))
        {
            return null;
        }

        return !sources.TryGetProperty(name.GetString()!, out var source)
            ? throw new OpenIdException($"id token _claim_names contained a source {name.GetString()} missing in _claims_sources")
            : Text(source, "endpoint") is { Length: > 0 } endpoint ? (endpoint, Text(source, "access_token")) : null;
    }

    private static string Text(JsonElement source, string field) => source.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
