using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Kobune.Client.Transport;

/// <summary>How a client knows its server, and shows itself to it.</summary>
public static class ClientTls
{
    /// <summary>Of these settings.</summary>
    public static SslClientAuthenticationOptions Of(HttpsTransportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var tls = new SslClientAuthenticationOptions();
        if (options.SkipVerification)
        {
            // The user asked for it (insecure-skip-tls-verify, --insecure-skip-tls-verify).
#pragma warning disable CA5359
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (options.Authorities.Count > 0)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(options.Authorities);
        }

        if (options.ServerName is { } name && !options.SkipVerification)
        {
            // The handler always expects the address's host; the name of the configuration counts instead.
            tls.RemoteCertificateValidationCallback = (_, presented, _, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None
                && presented is X509Certificate2 server
                && server.MatchesHostname(name);
        }

        if (options.ClientCertificate is { } certificate)
        {
            tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate()!;
        }

        return tls;
    }
}
