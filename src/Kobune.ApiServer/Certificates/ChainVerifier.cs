using System.Security.Cryptography.X509Certificates;

namespace Kobune.ApiServer.Certificates;

/// <summary>Checks a peer's certificate against one authority alone: signature, dates of the whole chain at the injected time, and use. Roots of the operating system count nothing.</summary>
public sealed class ChainVerifier(X509Certificate2 authority, TimeProvider time)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Null when <paramref name="certificate"/> may identify a client, else why not, in the words of Go's x509 (which clients and people know).</summary>
    public string? VerifyClient(X509Certificate2 certificate) => Verify(certificate, ClientAuthentication);

    /// <summary>Null when <paramref name="certificate"/> may identify a server; its names are the caller's to check.</summary>
    public string? VerifyServer(X509Certificate2 certificate) => Verify(certificate, ServerAuthentication);

    /// <summary>
    /// The first chain of a process reads all authorities of the operating system (.NET does so whatever the policy says): 0.1 s and more. Called beside other
    /// work at a start, so that the first connection does not wait for it.
    /// </summary>
    public static void Warm(X509Certificate2 authority)
    {
        using var chain = NewChain(authority);
        _ = chain.Build(authority);
    }

    private static X509Chain NewChain(X509Certificate2 authority)
    {
        var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain;
    }

    private string? Verify(X509Certificate2 certificate, string usage)
    {
        lock (certificate) // requests of one connection share it, and .NET reads its extensions at their first use, in two steps: who came between saw no usages
        {
            return VerifyAlone(certificate, usage);
        }
    }

    private string? VerifyAlone(X509Certificate2 certificate, string usage)
    {
        var now = time.GetUtcNow();
        using var chain = NewChain(authority);
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.Build(certificate);
        var flags = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        if ((flags & X509ChainStatusFlags.NotTimeValid) != 0)
        {
            return now < certificate.NotBefore.ToUniversalTime()
                ? $"x509: certificate has expired or is not yet valid: current time {Show(now)} is before {Show(certificate.NotBefore.ToUniversalTime())}"
                : $"x509: certificate has expired or is not yet valid: current time {Show(now)} is after {Show(certificate.NotAfter.ToUniversalTime())}";
        }

        if (flags != X509ChainStatusFlags.NoError)
        {
            return "x509: certificate signed by unknown authority";
        }

        return HasUsage(certificate, usage) ? null : "x509: certificate specifies an incompatible key usage";
    }

    // A certificate without the extension may be used for anything (RFC 5280); Go's verifier sees it the same way.
    private static bool HasUsage(X509Certificate2 certificate, string usage) =>
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().All(extension =>
            extension.EnhancedKeyUsages.Cast<System.Security.Cryptography.Oid>().Any(oid => oid.Value == usage || oid.Value == "2.5.29.37.0"));

    private static string Show(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
