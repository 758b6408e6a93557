namespace Kobune.Grpc.Tests;

public class GrpcStatusTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain text", "plain text")]
    [InlineData("100%", "100%25")]
    [InlineData("a\nb", "a%0Ab")]
    [InlineData("é", "%C3%A9")]
    public void Message_is_percent_encoded_both_ways(string text, string encoded)
    {
        Assert.Equal(encoded, GrpcStatus.Encode(text));
        Assert.Equal(text, GrpcStatus.Decode(encoded));
    }

    [Theory]
    [InlineData(0, "1m")]
    [InlineData(1500, "1500m")]
    [InlineData(99_999_999, "99999999m")]
    [InlineData(100_000_000, "100000S")]
    public void Timeout_fits_eight_digits(long milliseconds, string header) => Assert.Equal(header, GrpcStatus.EncodeTimeout(TimeSpan.FromMilliseconds(milliseconds)));
}
