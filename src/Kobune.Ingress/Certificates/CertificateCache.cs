using System.Security.Cryptography;
using System.Text;
using Kobune.Api.Core.V1;
using Kobune.Client;

namespace Kobune.Ingress.Certificates;

/// <summary>Certificates of Secrets, parsed once per revision. Used by the one loop that builds routing tables.</summary>
internal sealed class CertificateCache
{
    private readonly Dictionary<ObjectKey, (string Revision, ServerCertificate? Certificate)> _known = [];

    /// <summary>Null when the Secret holds no certificate with its key.</summary>
    public ServerCertificate? Get(Secret secret)
    {
        var key = ObjectKey.Of(secret);
        if (!_known.TryGetValue(key, out var known) || known.Revision != secret.Metadata.ResourceVersion)
        {
            _known[key] = known = (secret.Metadata.ResourceVersion, Parse(secret));
        }

        return known.Certificate;
    }

    private static ServerCertificate? Parse(Secret secret)
    {
        if (!secret.Data.TryGetValue("tls.crt", out var certificate) || !secret.Data.TryGetValue("tls.key", out var key))
        {
            return null;
        }

        try
        {
            return ServerCertificate.FromPem(Text(certificate), Text(key));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
