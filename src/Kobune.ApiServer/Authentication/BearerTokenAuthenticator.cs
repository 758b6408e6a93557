using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Authentication;

/// <summary>
/// "Authorization: Bearer ..." and, for browsers that cannot set it, the WebSocket subprotocol base64url.bearer.authorization.k8s.io.TOKEN
/// (taken out of the list, so that it is never negotiated). A token that nobody knows is refused.
/// </summary>
public sealed class BearerTokenAuthenticator(ITokenAuthenticator tokens, IReadOnlyList<string> audiences) : IAuthenticator
{
    private const string ProtocolPrefix = "base64url.bearer.authorization.k8s.io.";

    /// <inheritdoc/>
    public async ValueTask<AuthenticationResult?> AuthenticateAsync(HttpContext context, CancellationToken ct)
    {
        if ((FromHeader(context.Request) ?? FromProtocol(context.Request)) is not { Length: > 0 } token)
        {
            return null;
        }

        var result = await tokens.AuthenticateTokenAsync(token, audiences, ct);
        return result switch
        {
            { User: { } user } => AuthenticationResult.Known(user),
            { Failure: { } failure } => AuthenticationResult.Refused($"[invalid bearer token, {failure}]"),
            _ => AuthenticationResult.Refused("invalid bearer token"),
        };
    }

    private static string? FromHeader(HttpRequest request)
    {
        var value = request.Headers.Authorization.Count > 0 ? request.Headers.Authorization[0].AsSpan().Trim() : default;
        var space = value.IndexOf(' ');
        return space > 0 && value[..space].Equals("bearer", StringComparison.OrdinalIgnoreCase) ? value[space..].Trim().ToString() : null;
    }

    private static string? FromProtocol(HttpRequest request)
    {
        if (request.Headers.SecWebSocketProtocol.Count == 0)
        {
            return null;
        }

        var protocols = request.Headers.SecWebSocketProtocol.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (protocols.FirstOrDefault(p => p.StartsWith(ProtocolPrefix, StringComparison.Ordinal)) is not { } found || protocols.Length < 2)
        {
            return null; // upstream wants a second, real protocol beside the token
        }

        request.Headers.SecWebSocketProtocol = string.Join(", ", protocols.Where(p => !p.StartsWith(ProtocolPrefix, StringComparison.Ordinal)));
        var encoded = found.AsSpan(ProtocolPrefix.Length);
        return Base64Url.IsValid(encoded) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(encoded)) : null;
    }
}
