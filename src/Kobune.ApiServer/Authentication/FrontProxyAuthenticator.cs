using System.Security.Cryptography.X509Certificates;
using Kobune.ApiServer.Certificates;
using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Authentication;

/// <summary>Headers X-Remote-User, X-Remote-Group, X-Remote-Uid, X-Remote-Extra-*, believed only from a client certificate of the front-proxy authority with an allowed name.</summary>
public sealed class FrontProxyAuthenticator(X509Certificate2 authority, IReadOnlyList<string> allowedNames, TimeProvider time) : IAuthenticator
{
    private const string ExtraPrefix = "X-Remote-Extra-";
    private readonly ChainVerifier _verifier = new(authority, time);

    /// <inheritdoc/>
    public ValueTask<AuthenticationResult?> AuthenticateAsync(HttpContext context, CancellationToken ct) => new(Authenticate(context));

    private AuthenticationResult? Authenticate(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers["X-Remote-User"].ToString() is not { Length: > 0 } name
            || context.Connection.ClientCertificate is not { } certificate
            || (allowedNames.Count > 0 && !allowedNames.Contains(SubjectNames.CommonName(certificate)))
            || _verifier.VerifyClient(certificate) is not null)
        {
            return null;
        }

        var extra = headers
            .Where(h => h.Key.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(h => Uri.UnescapeDataString(h.Key[ExtraPrefix.Length..].ToLowerInvariant()), h => (IReadOnlyList<string>)[.. h.Value.OfType<string>()]);
        IReadOnlyList<string> groups = [.. headers["X-Remote-Group"].OfType<string>(), UserNames.Authenticated];
        return AuthenticationResult.Known(new(name, headers["X-Remote-Uid"].ToString(), groups, extra));
    }
}
