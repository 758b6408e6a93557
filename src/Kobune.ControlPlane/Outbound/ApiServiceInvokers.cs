using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Kobune.ApiServer.Certificates;
using Kobune.ApiServer.Outbound;

namespace Kobune.ControlPlane.Outbound;

/// <summary>Connections to aggregated API servers, pooled by what is believed of their certificates. The client certificate is the front proxy's.</summary>
internal sealed class ApiServiceInvokers(ClusterCertificates certificates) : IDisposable
{
    private readonly ConcurrentDictionary<OutboundTrust, HttpMessageInvoker> _known = new();

    public HttpMessageInvoker For(OutboundTrust trust) => _known.GetOrAdd(trust, Create);

    public void Dispose()
    {
        foreach (var invoker in _known.Values)
        {
            invoker.Dispose();
        }
    }

    private HttpMessageInvoker Create(OutboundTrust trust) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
        RequestHeaderEncodingSelector = static (name, _) => RepeatedHeader.EncodingFor(name),
        SslOptions = new()
        {
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificates.FrontProxyClientCertificate,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => trust.SkipsVerification || IsBelieved(trust, certificate, errors),
        },
    });

    private static bool IsBelieved(OutboundTrust trust, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (trust.Authorities.Length == 0)
        {
            return errors == SslPolicyErrors.None;
        }

        if (certificate is not X509Certificate2 given || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(trust.Authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(given);
    }
}
