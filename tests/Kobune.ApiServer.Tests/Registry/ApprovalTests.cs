using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Registry;

public sealed class ApprovalTests
{
    private const string Requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

    [Fact]
    public async Task An_approval_writes_conditions_and_metadata_and_nothing_else()
    {
        await using var server = await TestServer.StartAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Convert.ToBase64String(Encoding.UTF8.GetBytes(new CertificateRequest("CN=ada", key, HashAlgorithmName.SHA256).CreateSigningRequestPem()));
        await server.MustAsync("POST", Requests, $$$"""{"metadata":{"name":"a"},"spec":{"request":"{{{request}}}","signerName":"example.com/signer","usages":["client auth"]}}""");
        var patched = await server.MustAsync(
            "PATCH",
            $"{Requests}/a/approval",
            """{"metadata":{"annotations":{"patched":"true"}},"spec":{"signerName":"example.com/other"},"status":{"certificate":"YQ==","conditions":[{"type":"Seen","status":"True","reason":"test"}]}}""",
            "application/merge-patch+json");
        Assert.Equal("true", (string?)patched["metadata"]!["annotations"]!["patched"]);
        Assert.Equal("Seen", (string?)Assert.Single(patched["status"]!["conditions"]!.AsArray())!["type"]);
        Assert.Equal("example.com/signer", (string?)patched["spec"]!["signerName"]);
        Assert.Null(patched["status"]!["certificate"]);
    }

    [Theory]
    [InlineData("kubernetes.io/legacy-unknown", "[\"client auth\"]", "spec.signerName: Invalid value: \"kubernetes.io/legacy-unknown\": the legacy signerName is not allowed via this API version")]
    [InlineData("example.com/signer", "[]", "spec.usages: Required value")]
    public async Task A_request_that_v1_does_not_take_is_refused(string signer, string usages, string problem)
    {
        await using var server = await TestServer.StartAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Convert.ToBase64String(Encoding.UTF8.GetBytes(new CertificateRequest("CN=ada", key, HashAlgorithmName.SHA256).CreateSigningRequestPem()));
        var refused = await server.SendAsync("POST", Requests, $$$"""{"metadata":{"name":"a"},"spec":{"request":"{{{request}}}","signerName":"{{{signer}}}","usages":{{{usages}}}}}""");
        Assert.Equal((422, $"CertificateSigningRequest.certificates.k8s.io \"a\" is invalid: {problem}"), (refused.Code, refused.Message));
    }
}
