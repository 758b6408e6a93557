using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Kobune.ApiServer.Outbound;

/// <summary>Connections to servers that are believed by an <see cref="OutboundTrust"/>, pooled by it: aggregated API servers and webhooks. Safe for concurrent callers.</summary>
/// <param name="clientCertificate">What this server shows of itself; null for nothing.</param>
public sealed class TrustedInvokers(Func<X509Certificate2>? clientCertificate = null) : IDisposable
{
    private readonly ConcurrentDictionary<OutboundTrust, HttpMessageInvoker> _known = new();

    /// <summary>The invoker of all targets with this trust. A certificate that is not believed fails the request with an AuthenticationException in Go's words.</summary>
    public HttpMessageInvoker For(OutboundTrust trust) => _known.GetOrAdd(trust, Create);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var invoker in _known.Values)
        {
            invoker.Dispose();
        }
    }

    private HttpMessageInvoker Create(OutboundTrust trust)
    {
        var own = trust.Certificate.Length > 0 ? X509Certificate2.CreateFromPem(trust.Certificate, trust.Key) : null;
        return new(HandlerOf(trust, own is null ? clientCertificate : () => own));
    }

    private static SocketsHttpHandler HandlerOf(OutboundTrust trust, Func<X509Certificate2>? shown) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
        RequestHeaderEncodingSelector = static (name, _) => RepeatedHeader.EncodingFor(name),
        SslOptions = new()
        {
            LocalCertificateSelectionCallback = shown is null ? null : (_, _, _, _, _) => shown(),
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => trust.SkipsVerification || Problem(trust, certificate, errors) is not { } problem
                ? true
                : throw new AuthenticationException($"tls: failed to verify certificate: x509: {problem}"),
        },
    };

    private static string? Problem(OutboundTrust trust, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 given)
        {
            return "no certificate";
        }

        if (trust.Authorities.Length == 0)
        {
            return errors == SslPolicyErrors.None ? null : errors == SslPolicyErrors.RemoteCertificateNameMismatch ? WrongName(trust, given) : "certificate signed by unknown authority";
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(trust.Authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return !chain.Build(given)
            ? chain.ChainStatus.Any(s => s.Status == X509ChainStatusFlags.NotTimeValid) ? "certificate has expired or is not yet valid" : "certificate signed by unknown authority"
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? WrongName(trust, given) : null;
    }

    private static string WrongName(OutboundTrust trust, X509Certificate2 given)
    {
        var names = given.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(n => n.EnumerateDnsNames()).ToArray();
        return names.Length == 0
            ? $"certificate is not valid for any names, but wanted to match {trust.ServerName}"
            : $"certificate is valid for {string.Join(", ", names)}, not {trust.ServerName}";
    }
}
