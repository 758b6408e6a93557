using System.Security.Cryptography.X509Certificates;
using Kobune.ApiServer.Authentication;
using Kobune.ApiServer.Certificates;

namespace Kobune.ApiServer.Tests.Authentication;

public sealed class ClientCertificateTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_requests_of_a_connection_come_side_by_side_and_are_all_known()
    {
        using var certificates = ClusterCertificates.CreateOrLoad(new(), TimeProvider.System);
        var der = X509Certificate2.CreateFromPem(certificates.IssueClient("kaya", "users").CertificatePem).RawData;
        var authenticator = new ClientCertificateAuthenticator(certificates.Authority.Certificate, TimeProvider.System);
        for (var connection = 0; connection < 500; connection++)
        {
            using var certificate = X509CertificateLoader.LoadCertificate(der);
            using var start = new Barrier(4);
            var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait(Ct);
                    return authenticator.Authenticate(certificate);
                },
                Ct,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
            Assert.All(results, r => Assert.Equal(("kaya", null), (r.User?.Name, r.Failure)));
        }
    }
}
