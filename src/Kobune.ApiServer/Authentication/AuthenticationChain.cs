using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Authentication;

/// <summary>
/// All authenticators in order; the first that knows the user decides. A credential that nobody accepts is refused (401); no credential at all is
/// the anonymous user, when that is allowed.
/// </summary>
/// <param name="authenticators">In the order in which they are asked.</param>
/// <param name="allowsAnonymous">Whether a path may be asked for without a credential.</param>
public sealed class AuthenticationChain(IReadOnlyList<IAuthenticator> authenticators, Func<string, bool> allowsAnonymous) : IAuthenticator
{
    /// <param name="authenticators">In the order in which they are asked.</param>
    /// <param name="allowAnonymous">Whether a request may come without a credential.</param>
    public AuthenticationChain(IReadOnlyList<IAuthenticator> authenticators, bool allowAnonymous = true)
        : this(authenticators, _ => allowAnonymous)
    {
    }

    /// <inheritdoc/>
    public async ValueTask<AuthenticationResult?> AuthenticateAsync(HttpContext context, CancellationToken ct)
    {
        string? failure = null;
        foreach (var authenticator in authenticators)
        {
            var result = await authenticator.AuthenticateAsync(context, ct);
            if (result?.User is not null)
            {
                return result;
            }

            failure ??= result?.Failure;
        }

        return failure is not null ? AuthenticationResult.Refused(failure)
            : allowsAnonymous(context.Request.Path.Value ?? "/") ? AnonymousResult
            : AuthenticationResult.Refused("no credential was sent");
    }

    private static readonly AuthenticationResult AnonymousResult = AuthenticationResult.Known(UserInfo.Anonymous);
}
