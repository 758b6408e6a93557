using Kobune.ApiServer.CustomResources;

namespace Kobune.ApiServer.Tests.CustomResources;

/// <summary>Formats as upstream's server judges them.</summary>
public class StringFormatsTests
{
    [Theory]
    [InlineData("uri", "http://a", "/a", "a:b", "http://a/b c")]
    [InlineData("email", "a@b", "A <a@b.c>", "\"a b\"@c")]
    [InlineData("hostname", "a", "a.com", "A", "example.london")]
    [InlineData("ipv4", "1.2.3.4", "01.2.3.4", "::ffff:1.2.3.4")]
    [InlineData("ipv6", "::1", "::ffff:1.2.3.4")]
    [InlineData("cidr", "1.2.3.4/8", "::/0")]
    [InlineData("mac", "00:11:22:33:44:55", "00-11-22-33-44-55", "0011.2233.4455", "00:11:22:33:44:55:66:77")]
    [InlineData("uuid", "01234567-89ab-cdef-0123-456789abcdef", "0123456789abcdef0123456789abcdef")]
    [InlineData("uuid3", "6fa459ea-ee8a-3ca4-894e-db77e160355e")]
    [InlineData("uuid4", "6fa459ea-ee8a-4ca4-894e-db77e160355e")]
    [InlineData("isbn", "0321751043", "978-0321751041")]
    [InlineData("creditcard", "4111 1111 1111 1111")]
    [InlineData("ssn", "111-22-3333")]
    [InlineData("rgbcolor", "rgb(1, 2,3)")]
    [InlineData("byte", "aGVsbG8=")]
    [InlineData("duration", "1s", "1h2m", "3 weeks", "1 day", "x 5 minutes later")]
    [InlineData("date-time", "2020-01-01T00:00:00Z", "2020-01-01t23:59:59.123+01:00")]
    [InlineData("k8s-short-name", "ok")]
    [InlineData("k8s-long-name", "a.b")]
    [InlineData("bsonobjectid", "507f1f77bcf86cd799439011")]
    public void These_have_the_format(string format, params string[] texts) => Assert.All(texts, t => Assert.True(StringFormats.Fits(format, t), t));

    [Theory]
    [InlineData("uri", "", "a", "http://a b")]
    [InlineData("email", "a", "a@", "<a@b", "a b@c")]
    [InlineData("hostname", "a.b", "1.2.3.4", "-a", "a_b", "a.b.")]
    [InlineData("ipv4", "::1", "1.2.3", "1.2.3.4.5", "256.1.1.1")]
    [InlineData("ipv6", "1.2.3.4", "[::1]", "fe80::1%eth0")]
    [InlineData("cidr", "1.2.3.4", "1.2.3.4/33", "/8")]
    [InlineData("mac", "x", "00:11-22:33:44:55", "00:11:22:33:44:55:66")]
    [InlineData("uuid3", "6fa459ea-ee8a-4ca4-894e-db77e160355e")]
    [InlineData("uuid4", "6fa459ea-ee8a-4ca4-194e-db77e160355e")]
    [InlineData("isbn", "1", "0321751044", "978-0321751042")]
    [InlineData("creditcard", "4111111111111112", "1")]
    [InlineData("ssn", "111223333", "1")]
    [InlineData("rgbcolor", "rgb(256,1,1)")]
    [InlineData("byte", "", "###", "aGVsbG8")]
    [InlineData("duration", "x", "5 parsecs")]
    [InlineData("date", "2020-13-01", "x")]
    [InlineData("date-time", "2020-01-01T00:00:00", "2020-01-01 00:00:00Z", "2020-01-01T24:00:00Z")]
    [InlineData("k8s-short-name", "Not-OK", "a.b")]
    [InlineData("k8s-long-name", "A.b")]
    public void These_have_it_not(string format, params string[] texts) => Assert.All(texts, t => Assert.False(StringFormats.Fits(format, t), t));
}
