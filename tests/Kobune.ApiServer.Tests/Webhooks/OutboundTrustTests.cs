using Kobune.ApiServer.Outbound;

namespace Kobune.ApiServer.Tests.Webhooks;

public class OutboundTrustTests
{
    [Fact]
    public void A_trust_as_text_shows_no_key()
    {
        var trust = new OutboundTrust("a.test", "AUTHORITIES", SkipsVerification: false) { Certificate = "CERTIFICATE", Key = "KEY" };
        Assert.Equal("OutboundTrust { ServerName = a.test, SkipsVerification = False, HasCertificate = True }", trust.ToString());
        Assert.NotEqual(trust, trust with { Key = "OTHER" });
    }
}
