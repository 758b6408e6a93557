namespace Kobune.Api.Tests.Records;

public class QuantityTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0.5", "500m")]
    [InlineData("1000m", "1")]
    [InlineData("1000", "1k")]
    [InlineData("1024", "1024")]
    [InlineData("1Ki", "1Ki")]
    [InlineData("1024Ki", "1Mi")]
    [InlineData("0.5Gi", "512Mi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("100Ki", "100Ki")]
    [InlineData("1e3", "1e3")]
    [InlineData("12E6", "12E6")]
    [InlineData("1E", "1E")]
    [InlineData("1.2345678912n", "2n")]
    [InlineData("-1.5", "-1500m")]
    [InlineData("0.1Ki", "102400m")]
    [InlineData("1.234", "1.234")]
    [InlineData("100E", "100E")]
    [InlineData("1000E", "1e21")]
    [InlineData("8Gi", "8Gi")]
    [InlineData(".", "0")]
    [InlineData("-", "0")]
    [InlineData("+", "0")]
    [InlineData("Ki", "0")]
    [InlineData("-.Ti", "0")]
    [InlineData("m", "0")]
    [InlineData("E", "0")]
    [InlineData("e20", "0")]
    [InlineData("9223372036854775808Ki", "9223372036854775807")]
    public void Canonical_form(string text, string canonical)
    {
        Assert.Equal(canonical, Quantity.Parse(text).ToString());
    }

    [Theory]
    [InlineData("", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("1x", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("1 Gi", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("1ki", "unable to parse quantity's suffix")]
    [InlineData("Ei", "unable to parse numeric part of quantity")]
    [InlineData("-Pi", "unable to parse numeric part of quantity")]
    [InlineData("e-10", "unable to parse numeric part of quantity")]
    [InlineData("-x", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    public void Errors_are_upstreams(string text, string error)
    {
        Assert.False(Quantity.TryParse(text, out _, out var actual));
        Assert.Equal(error, actual);
    }

    [Fact]
    public void Numbers_round_away_from_zero()
    {
        Assert.Equal(2, Quantity.Parse("1100m").Value);
        Assert.Equal(1, Quantity.Parse("1u").MilliValue);
        Assert.Equal(-2, Quantity.Parse("-1100m").Value);
        Assert.Equal(1610612736, Quantity.Parse("1.5Gi").Value);
        Assert.Equal("1m", Quantity.Parse("1u").RoundUpToMilli().ToString());
    }

    [Fact]
    public void Arithmetic_keeps_the_first_form()
    {
        Assert.Equal("1536Mi", (Quantity.Parse("1Gi") + Quantity.Parse("512Mi")).ToString());
        Assert.Equal("1Gi", (default(Quantity) + Quantity.Parse("1Gi")).ToString());
        Assert.Equal("250m", (Quantity.Parse("1") - Quantity.Parse("750m")).ToString());
        Assert.True(Quantity.Parse("1Gi") > Quantity.Parse("1G"));
        Assert.Equal(Quantity.Parse("1"), Quantity.Parse("1000m"));
    }

    [Theory]
    [InlineData("25%", 10, true, 3)]
    [InlineData("25%", 10, false, 2)]
    [InlineData("100%", 7, false, 7)]
    public void Percentages_scale(string text, int total, bool roundUp, int expected)
    {
        Assert.True(new IntOrString(text).TryScale(total, roundUp, out var value));
        Assert.Equal(expected, value);
        Assert.False(new IntOrString("abc").TryScale(total, roundUp, out _));
    }

    [Theory]
    [InlineData("123456789012345678901234567890Ki", "9223372036854775807")]
    [InlineData("-8Ei", "-9223372036854775807")]
    [InlineData("7Ei", "7Ei")]
    [InlineData("99999999999999999999.5Mi", "9223372036854775807")]
    [InlineData("123456789012345678900.000000001Ki", "9223372036854775807")]
    public void Binary_quantities_end_at_the_largest_whole_number(string text, string canonical) => Assert.Equal(canonical, Quantity.Parse(text).ToString());

    [Fact]
    public void Sums_of_absurd_numbers_end_at_the_largest()
    {
        var large = Quantity.Parse("1e900");
        var sum = Quantity.Zero;
        for (var i = 0; i < 100; i++)
        {
            sum += large;
        }

        Assert.True(sum >= large && sum * 1000 >= sum);
        Assert.True(-sum - large <= -sum);
        Assert.Equal(long.MaxValue, sum.Value);
    }
}
