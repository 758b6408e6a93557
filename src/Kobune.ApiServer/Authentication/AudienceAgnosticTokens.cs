namespace Kobune.ApiServer.Authentication;

/// <summary>Tokens that name no audience: they are meant for the server itself, so whoever asks for another audience is told nothing of them. Source: k8s.io/apiserver, authentication/authenticator/audagnostic.go.</summary>
/// <param name="tokens">Knows the tokens.</param>
/// <param name="own">The server's audiences.</param>
internal sealed class AudienceAgnosticTokens(ITokenAuthenticator tokens, IReadOnlyList<string> own) : ITokenAuthenticator
{
    /// <inheritdoc/>
    public async ValueTask<TokenResult?> AuthenticateTokenAsync(string token, IReadOnlyList<string> audiences, CancellationToken ct)
    {
        if (ReferenceEquals(audiences, own))
        {
            return await tokens.AuthenticateTokenAsync(token, audiences, ct);
        }

        string[] shared = [.. audiences.Where(own.Contains)];
        return shared.Length == 0 ? null : await tokens.AuthenticateTokenAsync(token, shared, ct);
    }
}
