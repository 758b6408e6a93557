using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kobune.ApiServer.Certificates;

namespace Kobune.ApiServer.Tests.Certificates;

public sealed class ClusterCertificatesTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Second_start_finds_the_same_keys_and_leafs()
    {
        using var folder = new TemporaryFolder();
        using var first = Open(folder);
        using var second = Open(folder);
        Assert.Equal(first.Authority.CertificatePem, second.Authority.CertificatePem);
        Assert.Equal(first.ServerCertificate.Thumbprint, second.ServerCertificate.Thumbprint);
        Assert.Equal(first.ServiceAccountKey.KeyId, second.ServiceAccountKey.KeyId);
        Assert.Equal(
            ["apiserver-kubelet-client.crt", "apiserver-kubelet-client.key", "apiserver.crt", "apiserver.key", "ca.crt", "ca.key", "front-proxy-ca.crt", "front-proxy-ca.key", "front-proxy-client.crt", "front-proxy-client.key", "sa.key", "sa.pub"],
            Directory.GetFiles(folder.Path).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Private_keys_are_readable_by_their_owner_alone()
    {
        using var folder = new TemporaryFolder();
        using var certificates = Open(folder);
        Assert.All(Directory.GetFiles(folder.Path, "*.key"), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void Server_certificate_names_every_way_to_reach_the_server()
    {
        using var certificates = ClusterCertificates.CreateOrLoad(new() { Addresses = [IPAddress.Parse("192.168.49.2")] }, _time);
        var names = certificates.ServerCertificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost"], names.EnumerateDnsNames());
        Assert.Equal(["127.0.0.1", "10.96.0.1", "192.168.49.2"], names.EnumerateIPAddresses().Select(a => a.ToString()));
    }

    [Fact]
    public void Leaf_near_its_end_is_renewed_while_the_server_runs()
    {
        using var folder = new TemporaryFolder();
        using var certificates = Open(folder);
        var before = certificates.ServerCertificate.Thumbprint;
        _time.Advance(TimeSpan.FromDays(200));
        Assert.Equal(before, certificates.ServerCertificate.Thumbprint);
        _time.Advance(TimeSpan.FromDays(100));
        var after = certificates.ServerCertificate;
        Assert.NotEqual(before, after.Thumbprint);
        using var restarted = Open(folder);
        Assert.Equal(after.Thumbprint, restarted.ServerCertificate.Thumbprint);
        Assert.Equal(certificates.Authority.CertificatePem, restarted.Authority.CertificatePem);
    }

    [Fact]
    public void New_node_address_gives_a_new_server_certificate_of_the_same_authority()
    {
        using var folder = new TemporaryFolder();
        using var first = Open(folder);
        using var moved = ClusterCertificates.CreateOrLoad(new() { Directory = folder.Path, Addresses = [IPAddress.Parse("192.168.50.2")] }, _time);
        Assert.NotEqual(first.ServerCertificate.Thumbprint, moved.ServerCertificate.Thumbprint);
        Assert.Equal(first.Authority.CertificatePem, moved.Authority.CertificatePem);
    }

    [Fact]
    public void Death_between_key_and_certificate_leaves_a_pair_that_is_made_anew()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "ca.key"), "half written");
        using var certificates = Open(folder);
        using var again = Open(folder);
        Assert.Equal(certificates.Authority.CertificatePem, again.Authority.CertificatePem);
    }

    [Theory]
    [InlineData("ca.key", "the certificate authority ca.crt or its key ca.key in")]
    [InlineData("ca.crt", "the certificate authority ca.crt or its key ca.key in")]
    public void Damaged_authority_is_named_and_never_replaced(string file, string message)
    {
        using var folder = new TemporaryFolder();
        Open(folder).Dispose();
        File.WriteAllText(Path.Combine(folder.Path, file), "damaged");
        Assert.StartsWith(message, Assert.Throws<CryptographicException>(() => Open(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lost_authority_key_is_named_and_never_replaced()
    {
        using var folder = new TemporaryFolder();
        Open(folder).Dispose();
        File.Delete(Path.Combine(folder.Path, "ca.key"));
        Assert.EndsWith("ca.key is missing: restore it, or remove both to begin anew", Assert.Throws<CryptographicException>(() => Open(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_leaf_is_made_anew()
    {
        using var folder = new TemporaryFolder();
        Open(folder).Dispose();
        File.WriteAllText(Path.Combine(folder.Path, "apiserver.key"), "damaged");
        using var certificates = Open(folder);
        Assert.True(certificates.ServerCertificate.HasPrivateKey);
    }

    [Theory]
    [InlineData("system:node:a", "system:nodes")]
    [InlineData("o'neil, \"x\"=y+z", "a,b=c")]
    [InlineData("日本", "")]
    public void Client_identity_survives_the_certificate(string user, string group)
    {
        using var certificates = ClusterCertificates.CreateOrLoad(new(), _time);
        using var loaded = certificates.IssueClient(user, group.Length == 0 ? [] : [group, "second"]).Load();
        Assert.Equal(user, SubjectNames.CommonName(loaded));
        Assert.Equal(group.Length == 0 ? [] : [group, "second"], SubjectNames.Organizations(loaded));
        Assert.Null(new ChainVerifier(certificates.Authority.Certificate, _time).VerifyClient(loaded));
    }

    [Fact]
    public void Chain_verifier_tells_strangers_expired_and_wrongly_used_apart()
    {
        using var certificates = ClusterCertificates.CreateOrLoad(new(), _time);
        using var stranger = CertificateAuthority.Create("kubernetes", _time);
        var verifier = new ChainVerifier(certificates.Authority.Certificate, _time);
        using var forged = stranger.Issue(CertificateProfile.Client("kubernetes-admin", "system:masters")).Load();
        using var serving = certificates.IssueKubeletServing("a", []).Load();
        using var shortLived = certificates.Authority.Issue(CertificateProfile.Client("x") with { Lifetime = TimeSpan.FromHours(1) }).Load();
        using var early = certificates.Authority.Issue(CertificateProfile.Client("y")).Load();
        Assert.Equal("x509: certificate signed by unknown authority", verifier.VerifyClient(forged));
        Assert.Equal("x509: certificate specifies an incompatible key usage", verifier.VerifyClient(serving));
        Assert.Null(verifier.VerifyServer(serving));
        Assert.Null(verifier.VerifyClient(shortLived));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal("x509: certificate has expired or is not yet valid: current time 2026-01-01T14:00:00Z is after 2026-01-01T13:00:00Z", verifier.VerifyClient(shortLived));
        _time.Advance(TimeSpan.FromHours(-3));
        Assert.Equal("x509: certificate has expired or is not yet valid: current time 2026-01-01T11:00:00Z is before 2026-01-01T11:55:00Z", verifier.VerifyClient(early));
    }

    [Fact]
    public void Leaf_cannot_sign_other_leafs()
    {
        using var certificates = ClusterCertificates.CreateOrLoad(new(), _time);
        var node = CertificateAuthority.Load(certificates.IssueClient("system:node:a", "system:nodes"), _time);
        using var forged = node.Issue(CertificateProfile.Client("kubernetes-admin", "system:masters")).Load();
        Assert.Equal("x509: certificate signed by unknown authority", new ChainVerifier(certificates.Authority.Certificate, _time).VerifyClient(forged));
    }

    [Fact]
    public void Signing_request_gives_its_key_the_asked_identity_only()
    {
        using var certificates = ClusterCertificates.CreateOrLoad(new(), _time);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = new CertificateRequest("CN=system:masters", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        using var signed = X509Certificate2.CreateFromPem(certificates.Authority.SignRequest(pem, CertificateProfile.Client("system:node:b", "system:nodes")));
        Assert.Equal("system:node:b", SubjectNames.CommonName(signed));
        using var joined = signed.CopyWithPrivateKey(key);
        Assert.True(joined.HasPrivateKey);
    }

    [Fact]
    public async Task Tls_handshake_with_both_certificates_succeeds()
    {
        using var certificates = ClusterCertificates.CreateOrLoad(new(), TimeProvider.System);
        using var client = certificates.IssueClient("kubernetes-admin", "kubeadm:cluster-admins").Load();
        var verifier = new ChainVerifier(certificates.Authority.Certificate, TimeProvider.System);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var accepted = listener.AcceptTcpClientAsync();
        using var tcp = new TcpClient();
        await tcp.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var server = await accepted;
        await using var serverTls = new SslStream(server.GetStream());
        await using var clientTls = new SslStream(tcp.GetStream());
        var serving = serverTls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificates.ServerCertificate,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, peer, _, _) => verifier.VerifyClient((X509Certificate2)peer!) is null,
        });
        await clientTls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "kubernetes.default.svc",
            ClientCertificates = [client],
            EnabledSslProtocols = SslProtocols.Tls13,
            CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { certificates.Authority.Certificate }, RevocationMode = X509RevocationMode.NoCheck },
        });
        await serving;
        Assert.Equal(client.Thumbprint, ((X509Certificate2)serverTls.RemoteCertificate!).Thumbprint);
    }

    [Fact]
    public void Kubeconfig_embeds_everything()
    {
        using var certificates = ClusterCertificates.CreateOrLoad(new(), _time);
        var text = KubeconfigText.Write("kobune", "https://192.168.49.2:8443", certificates.Authority.CertificatePem, new("C", "K"));
        Assert.Contains("    server: https://192.168.49.2:8443\n", text, StringComparison.Ordinal);
        Assert.Contains("    client-certificate-data: Qw==\n    client-key-data: Sw==\n", text, StringComparison.Ordinal);
        Assert.Contains("current-context: kobune\n", text, StringComparison.Ordinal);
    }

    private ClusterCertificates Open(TemporaryFolder folder) => ClusterCertificates.CreateOrLoad(new() { Directory = folder.Path }, _time);
}
