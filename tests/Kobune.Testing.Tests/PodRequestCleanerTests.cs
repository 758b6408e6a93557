using System.Security.Cryptography;
using Kobune.Api.Certificates.V1Beta1;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.Client;

namespace Kobune.Testing.Tests;

/// <summary>What pods ask certificates with does not pile up.</summary>
public sealed class PodRequestCleanerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_goes_after_a_quarter_of_an_hour(bool isOn)
    {
        await using var cluster = await TestCluster.StartAsync(
            o => o with
            {
                FakeTime = true,
                Nodes = 0,
                Features = FeatureGates.Parse(KubernetesVersion.Newest, "PodCertificateRequest=true"),
                Settings = s => s with
                {
                    Server = server => server with { RuntimeConfig = RuntimeConfig.TryParse("certificates.k8s.io/v1beta1")! },
                    Controllers = c => isOn ? c : c with { Features = FeatureGates.Default(KubernetesVersion.Newest) },
                },
            },
            Ct);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var spec = new PodCertificateRequestSpec
        {
            SignerName = "example.com/s",
            PodName = "p",
            PodUid = "u",
            ServiceAccountName = "default",
            ServiceAccountUid = "v",
            NodeName = "n",
            NodeUid = "w",
            MaxExpirationSeconds = 86_400,
            PKIXPublicKey = key.ExportSubjectPublicKeyInfo(),
            ProofOfPossession = key.SignData("u"u8, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
        };
        await cluster.Client.CreateAsync(new PodCertificateRequest { Metadata = new() { Name = "r", Namespace = "default" }, Spec = spec }, Ct);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(14), Ct);
        Assert.Single((await cluster.Client.ListAsync<PodCertificateRequest>("default", null, Ct)).Items);
        await cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(2), Ct);
        Assert.Equal(isOn ? 0 : 1, (await cluster.Client.ListAsync<PodCertificateRequest>("default", null, Ct)).Items.Count);
        Assert.Empty(cluster.DeniedRequests);
    }
}
