using System.Security.Cryptography.X509Certificates;

namespace Kobune.ApiServer.Certificates;

/// <summary>Belief in the authorities of a file alone, for connections to other servers.</summary>
internal static class TrustedRoots
{
    /// <summary>The policy that believes certificates of these authorities.</summary>
    /// <param name="pem">Certificates in PEM.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The text holds something else.</exception>
    public static X509ChainPolicy Policy(string pem)
    {
        var trusted = new X509Certificate2Collection();
        trusted.ImportFromPem(pem);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(trusted);
        return policy;
    }
}
