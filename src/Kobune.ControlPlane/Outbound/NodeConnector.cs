using System.Security.Cryptography.X509Certificates;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Certificates;
using Kobune.ApiServer.Outbound;

namespace Kobune.ControlPlane.Outbound;

/// <summary>
/// Connections out of the API server. Kubelets are found through their Node (InternalIP and kubelet port) and must show a certificate of the cluster's
/// authority; pods and endpoints are reached at their own addresses, where TLS is not verified, as upstream's proxy does;
/// aggregated API servers and webhooks as their APIService or configuration says.
/// </summary>
public sealed class NodeConnector : IOutboundConnector, IDisposable
{
    private const int KubeletPort = 10250;
    private readonly IObjectReader _objects;
    private readonly HttpMessageInvoker _kubelets;
    private readonly HttpMessageInvoker _pods;
    private readonly TrustedInvokers _apiServices;
    private readonly TrustedInvokers _webhooks = new();

    /// <summary>Connects with the API server's kubelet client certificate.</summary>
    public NodeConnector(IObjectReader objects, ClusterCertificates certificates)
    {
        _objects = objects;
        _apiServices = new(() => certificates.FrontProxyClientCertificate);
        _kubelets = new(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            SslOptions = new()
            {
                LocalCertificateSelectionCallback = (_, _, _, _, _) => certificates.KubeletClientCertificate,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 given && IsOurs(certificates, given),
            },
        });
        _pods = new(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            SslOptions = new()
            {
#pragma warning disable CA5359 // a pod's certificate has no authority that the server could know: upstream's proxy does not verify it either
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            },
        });
    }

    /// <inheritdoc/>
    public async ValueTask<(HttpMessageInvoker Invoker, Uri BaseAddress)> ConnectAsync(OutboundTarget target, CancellationToken ct)
    {
        if (target is { Purpose: OutboundPurpose.ApiService or OutboundPurpose.Webhook, Trust: { } trust })
        {
            return ((target.Purpose == OutboundPurpose.Webhook ? _webhooks : _apiServices).For(trust), new UriBuilder("https", target.Host, target.Port).Uri);
        }

        if (target.Purpose != OutboundPurpose.Kubelet)
        {
            var scheme = target.Tls ? "https" : "http";
            return (_pods, new UriBuilder(scheme, target.Host, target.Port == 0 ? target.Tls ? 443 : 80 : target.Port).Uri);
        }

        var node = await _objects.GetAsync<Node>("", target.Host, ct) ?? throw new HttpRequestException($"nodes \"{target.Host}\" not found");
        var address = node.Status.Addresses.FirstOrDefault(a => a.Type == "InternalIP")?.Address
            ?? throw new HttpRequestException($"no preferred addresses found; known addresses: [{string.Join(" ", node.Status.Addresses.Select(a => a.Address))}]");
        var port = target.Port != 0 ? target.Port : node.Status.DaemonEndpoints.KubeletEndpoint.Port;
        return (_kubelets, new UriBuilder("https", address, port == 0 ? KubeletPort : port).Uri);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _kubelets.Dispose();
        _pods.Dispose();
        _apiServices.Dispose();
        _webhooks.Dispose();
    }

    private static bool IsOurs(ClusterCertificates certificates, X509Certificate2 given)
    {
        using var authority = X509Certificate2.CreateFromPem(certificates.Authority.CertificatePem);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(given);
    }
}
