using Kobune.ApiServer.Certificates;

namespace Kobune.ApiServer.Authentication;

/// <summary>What this server and the aggregated ones agree on: whose certificate may tell a user in headers, and in which.</summary>
public static class FrontProxy
{
    private const string ClientName = "front-proxy-client";

    /// <summary>Believes the cluster's own front proxy.</summary>
    public static IAuthenticator Authenticator(ClusterCertificates certificates, TimeProvider time) =>
        new FrontProxyAuthenticator(certificates.FrontProxyAuthority.Certificate, [ClientName], time);

    /// <summary>The entries of kube-system/extension-apiserver-authentication that tell aggregated servers the same.</summary>
    public static IReadOnlyDictionary<string, string> RequestHeaderEntries(ClusterCertificates certificates) => new Dictionary<string, string>
    {
        ["requestheader-allowed-names"] = $"[\"{ClientName}\"]",
        ["requestheader-client-ca-file"] = certificates.FrontProxyAuthority.CertificatePem,
        ["requestheader-extra-headers-prefix"] = "[\"X-Remote-Extra-\"]",
        ["requestheader-group-headers"] = "[\"X-Remote-Group\"]",
        ["requestheader-uid-headers"] = "[\"X-Remote-Uid\"]",
        ["requestheader-username-headers"] = "[\"X-Remote-User\"]",
    };
}
