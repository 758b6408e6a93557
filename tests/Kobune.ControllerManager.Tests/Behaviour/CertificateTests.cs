using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kobune.Api.Certificates.V1;
using Kobune.Api.Meta.V1;
using Kobune.ApiServer.Certificates;
using Kobune.Client;

namespace Kobune.ControllerManager.Tests.Behaviour;

/// <summary>Requests for certificates from their creation to the certificate.</summary>
public sealed class CertificateTests : IAsyncLifetime
{
    private readonly CertificateAuthority _authority = CertificateAuthority.Create("test", TimeProvider.System);
    private TestCluster _cluster = null!;

    public async ValueTask InitializeAsync() =>
        _cluster = await TestCluster.StartAsync(new ControllerManagerOptions { RootCertificateAuthority = TestCluster.Authority, CertificateSigner = new Signer(_authority) });

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _authority.Dispose();
    }

    [Fact]
    public async Task What_was_approved_is_signed_as_it_was_asked()
    {
        var made = await AskAsync(_cluster.Admin, "alice", "CN=alice,O=people", "kubernetes.io/kube-apiserver-client", seconds: 3600, "client auth");
        Assert.Equal(("admin", true), (made.Spec.Username, made.Spec.Groups.Contains("system:masters")));
        await ApproveAsync(made);
        var signed = (await _cluster.Sees<CertificateSigningRequest>("", "a certificate", all => all.Any(r => r.Status.Certificate.Length > 0))).Single();
        using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(signed.Status.Certificate.Span));
        Assert.Equal(("CN=alice, O=people", _authority.Certificate.Subject), (certificate.Subject, certificate.Issuer));
        Assert.Equal("1.3.6.1.5.5.7.3.2", certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Single().Value);
        Assert.InRange(certificate.NotAfter - certificate.NotBefore, TimeSpan.FromHours(1), TimeSpan.FromHours(2));
        var changed = await Assert.ThrowsAsync<ApiException>(() => _cluster.Admin.UpdateSubresourceAsync(signed with { Status = signed.Status with { Conditions = [] } }, "approval", default));
        Assert.Contains("updates may not remove a condition of type \"Approved\"", changed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_signer_does_not_sign_fails_with_the_reason()
    {
        await ApproveAsync(await AskAsync(_cluster.Admin, "bad", "CN=bad", "kubernetes.io/kube-apiserver-client", null, "server auth"));
        var failed = (await _cluster.Sees<CertificateSigningRequest>("", "the failure", all => all.Any(r => r.Status.Conditions.Any(c => c.Type == "Failed")))).Single();
        var condition = failed.Status.Conditions.Single(c => c.Type == "Failed");
        Assert.Equal(("True", "SignerValidationFailure", 0), (condition.Status, condition.Reason, failed.Status.Certificate.Length));
    }

    private static Task<CertificateSigningRequest> AskAsync(IClient client, string name, string subject, string signer, int? seconds, params string[] usages)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var spec = new CertificateSigningRequestSpec { Request = Encoding.ASCII.GetBytes(pem), SignerName = signer, Usages = usages, ExpirationSeconds = seconds };
        return client.CreateAsync(new CertificateSigningRequest { Metadata = new ObjectMeta { Name = name }, Spec = spec }, default);
    }

    private Task<CertificateSigningRequest> ApproveAsync(CertificateSigningRequest request)
    {
        var approved = new CertificateSigningRequestCondition { Type = "Approved", Status = "True", Reason = "Test" };
        return _cluster.Admin.UpdateSubresourceAsync(request with { Status = request.Status with { Conditions = [approved] } }, "approval", default);
    }

    private sealed class Signer(CertificateAuthority authority) : ICertificateSigner
    {
        public string Sign(string requestPem, IReadOnlyCollection<string> usages, TimeSpan lifetime) => authority.SignRequest(requestPem, usages, lifetime);
    }
}
