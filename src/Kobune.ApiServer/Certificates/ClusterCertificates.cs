using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kobune.ApiServer.Certificates;

/// <summary>
/// All keys of one cluster: the authority of servers and clients, the front-proxy authority, the service account signing key, and the server's
/// own leafs, made or loaded once. Leafs are issued anew when a third of their life is left or when they miss a name; the authorities stay.
/// </summary>
public sealed class ClusterCertificates : IDisposable
{
    private readonly CertificateFolder _folder;
    private readonly ClusterCertificatesOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Leaf> _leafs = [];

    private ClusterCertificates(ClusterCertificatesOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _folder = new(options.Directory);
        Authority = LoadAuthority("ca", "kubernetes");
        FrontProxyAuthority = LoadAuthority("front-proxy-ca", "front-proxy-ca");
        ServiceAccountKey = LoadSigningKey();
    }

    /// <summary>Signs servers and clients of the cluster.</summary>
    public CertificateAuthority Authority { get; }

    /// <summary>Signs the client certificate with which the API server calls extension servers.</summary>
    public CertificateAuthority FrontProxyAuthority { get; }

    /// <summary>Signs service account tokens.</summary>
    public SigningKey ServiceAccountKey { get; }

    /// <summary>The API server's certificate. Ask again for every connection: it is renewed while the server runs.</summary>
    public X509Certificate2 ServerCertificate => Current("apiserver", Authority, _options.ServerProfile());

    /// <summary>With which the API server calls kubelets.</summary>
    public X509Certificate2 KubeletClientCertificate => Current("apiserver-kubelet-client", Authority, CertificateProfile.Client("kube-apiserver-kubelet-client", "kubeadm:cluster-admins"));

    /// <summary>With which the API server calls extension API servers.</summary>
    public X509Certificate2 FrontProxyClientCertificate => Current("front-proxy-client", FrontProxyAuthority, CertificateProfile.Client("front-proxy-client"));

    /// <summary>Creates what is missing and loads the rest. Two calls over one folder give the same keys.</summary>
    /// <exception cref="CryptographicException">A file of an authority is damaged or missing its other half; the message names it.</exception>
    public static ClusterCertificates CreateOrLoad(ClusterCertificatesOptions options, TimeProvider time)
    {
        var certificates = new ClusterCertificates(options, time);
        _ = certificates.ServerCertificate;
        _ = certificates.KubeletClientCertificate;
        _ = certificates.FrontProxyClientCertificate;
        return certificates;
    }

    /// <summary>A client certificate of this user and these groups.</summary>
    public PemPair IssueClient(string user, params IReadOnlyList<string> groups) => Authority.Issue(CertificateProfile.Client(user, groups));

    /// <summary>A kubelet's serving certificate.</summary>
    public PemPair IssueKubeletServing(string node, IReadOnlyList<IPAddress> addresses) =>
        Authority.Issue(CertificateProfile.Server("system:node:" + node, [node], addresses) with { Organizations = ["system:nodes"] });

    /// <summary>A client certificate that is kept under this name (name.crt, name.key) and renewed when asked for near its end.</summary>
    public PemPair GetOrIssueClient(string name, string user, params IReadOnlyList<string> groups)
    {
        lock (_gate)
        {
            return Ensure(name, Authority, CertificateProfile.Client(user, groups)).Pair;
        }
    }

    /// <summary>A kubelet's serving certificate that is kept under this name.</summary>
    public PemPair GetOrIssueKubeletServing(string name, string node, IReadOnlyList<IPAddress> addresses)
    {
        lock (_gate)
        {
            return Ensure(name, Authority, CertificateProfile.Server("system:node:" + node, [node], addresses) with { Organizations = ["system:nodes"] }).Pair;
        }
    }

    private X509Certificate2 Current(string name, CertificateAuthority authority, CertificateProfile profile)
    {
        lock (_gate)
        {
            return Ensure(name, authority, profile).Certificate;
        }
    }

    private Leaf Ensure(string name, CertificateAuthority authority, CertificateProfile profile)
    {
        if (_leafs.TryGetValue(name, out var known) && known.RenewAt > _time.GetUtcNow() && profile.IsSatisfiedBy(known.Certificate))
        {
            return known;
        }

        var leaf = known is null ? LoadLeaf(name, authority, profile) : null;
        if (leaf is null)
        {
            leaf = Leaf.Of(authority.Issue(profile));
            _folder.Write(name, leaf.Pair);
        }

        // The old certificate is not disposed: handshakes may still use it, and there are only a few in a cluster's life.
        _leafs[name] = leaf;
        return leaf;
    }

    private Leaf? LoadLeaf(string name, CertificateAuthority authority, CertificateProfile profile)
    {
        try
        {
            if (_folder.Read(name) is not { } pair)
            {
                return null;
            }

            var leaf = Leaf.Of(pair);
            if (leaf.RenewAt > _time.GetUtcNow() && profile.IsSatisfiedBy(leaf.Certificate) && CertificateSignature.IsBy(leaf.Certificate, authority.Certificate))
            {
                return leaf;
            }

            leaf.Certificate.Dispose();
        }
        catch (CryptographicException)
        {
            // A leaf that cannot be read is made anew: nothing depends on the old one.
        }

        return null;
    }

    private CertificateAuthority LoadAuthority(string name, string commonName)
    {
        if (_folder.Read(name) is { } pair)
        {
            try
            {
                return CertificateAuthority.Load(pair, _time);
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException)
            {
                throw new CryptographicException($"the certificate authority {name}.crt or its key {name}.key in {_options.Directory} cannot be read: {e.Message}", e);
            }
        }

        var authority = CertificateAuthority.Create(commonName, _time);
        _folder.Write(name, authority.Export());
        return authority;
    }

    private SigningKey LoadSigningKey()
    {
        if (_folder.ReadFile("sa.key") is { } pem)
        {
            return SigningKey.Load(pem);
        }

        var key = SigningKey.Create();
        _folder.WriteFile("sa.pub", key.ExportPublicPem(), secret: false);
        _folder.WriteFile("sa.key", key.ExportPem(), secret: true);
        return key;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Authority.Dispose();
        FrontProxyAuthority.Dispose();
        ServiceAccountKey.Dispose();
        foreach (var leaf in _leafs.Values)
        {
            leaf.Certificate.Dispose();
        }
    }

    private sealed record Leaf(PemPair Pair, X509Certificate2 Certificate, DateTimeOffset RenewAt)
    {
        public static Leaf Of(PemPair pair)
        {
            var certificate = pair.Load();
            var end = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
            var start = new DateTimeOffset(certificate.NotBefore.ToUniversalTime());
            return new(pair, certificate, end - ((end - start) / 3));
        }
    }
}
