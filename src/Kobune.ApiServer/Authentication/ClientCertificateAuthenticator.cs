using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kobune.ApiServer.Certificates;
using Microsoft.AspNetCore.Http;

namespace Kobune.ApiServer.Authentication;

/// <summary>
/// Client certificates of the cluster's authority: CN is the user, every O a group. The listener asks for a certificate and takes any; it is
/// verified here once per connection (its dates on every request), so that a bad one gets 401 and not a broken handshake, as upstream does.
/// </summary>
public sealed class ClientCertificateAuthenticator(X509Certificate2 authority, TimeProvider time) : IAuthenticator
{
    private readonly ChainVerifier _verifier = new(authority, time);
    private readonly ConditionalWeakTable<X509Certificate2, Verified> _verified = [];

    /// <inheritdoc/>
    public ValueTask<AuthenticationResult?> AuthenticateAsync(HttpContext context, CancellationToken ct) =>
        new(context.Connection.ClientCertificate is { } certificate ? Authenticate(certificate) : null);

    /// <summary>The user of a certificate, or why it is refused.</summary>
    public AuthenticationResult Authenticate(X509Certificate2 certificate)
    {
        if (Known(certificate) is { } known)
        {
            return known;
        }

        lock (certificate) // the first requests of a connection come side by side: one verifies for all
        {
            return Known(certificate) ?? Verify(certificate);
        }
    }

    private AuthenticationResult? Known(X509Certificate2 certificate) =>
        _verified.TryGetValue(certificate, out var known) && time.GetUtcNow() is var now && now >= known.From && now <= known.Until ? known.Result : null;

    private AuthenticationResult Verify(X509Certificate2 certificate)
    {
        if (_verifier.VerifyClient(certificate) is { } failure)
        {
            return AuthenticationResult.Refused($"verifying certificate SN={certificate.SerialNumberBytes.Span.ToHex()}, SKID=, AKID= failed: {failure}");
        }

        var result = ToUser(certificate);
        _verified.AddOrUpdate(certificate, new(result, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime()));
        return result;
    }

    private static AuthenticationResult ToUser(X509Certificate2 certificate)
    {
        var name = SubjectNames.CommonName(certificate);
        if (name.Length == 0)
        {
            return AuthenticationResult.Refused("the client certificate names no user (its common name is empty)");
        }

        IReadOnlyList<string> groups = [.. SubjectNames.Organizations(certificate), UserNames.Authenticated];
        var id = "X509SHA256=" + SHA256.HashData(certificate.RawDataMemory.Span).AsSpan().ToHex();
        return AuthenticationResult.Known(new(name, "", groups, new Dictionary<string, IReadOnlyList<string>> { [UserNames.CredentialIdKey] = [id] }));
    }

    private sealed record Verified(AuthenticationResult Result, DateTimeOffset From, DateTimeOffset Until);
}

internal static class HexText
{
    public static string ToHex(this ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    public static string ToHex(this Span<byte> bytes) => Convert.ToHexStringLower(bytes);
}
